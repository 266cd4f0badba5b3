// Keys that work on every page; `?` lists them.
(() => {
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const open = (id) => document.getElementById(id)?.showModal();

  // The form that the reader is in, else the page's only one.
  const formToSave = () => {
    const forms = document.querySelectorAll("form[data-save]");
    return document.activeElement.closest("form[data-save]") ?? (forms.length === 1 ? forms[0] : null);
  };

  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-opens]");
    if (opener) open(opener.dataset.opens);
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key.toLowerCase() === "s")) {
      const form = formToSave();
      if (!form) return;
      event.preventDefault();
      form.requestSubmit();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      const search = document.querySelector("[data-search]");
      if (event.key === "?" && !document.querySelector("dialog[open]")) open("keys-dialog");
      else if (event.key === "/" && search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
  });
})();
