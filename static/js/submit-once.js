// A form is sent once: its buttons rest while the answer is on its way.
(() => {
  const rest = (form, resting) => {
    if (!(form instanceof HTMLFormElement)) return;
    form.toggleAttribute("aria-busy", resting);
    for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
      button.disabled = resting;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    setTimeout(() => rest(form, true)); // after the browser has read the pressed button's value
    setTimeout(() => rest(form, false), 10000);
  });
  document.addEventListener("htmx:beforeRequest", ({ target }) => rest(target, true));
  document.addEventListener("htmx:afterRequest", ({ target }) => rest(target, false));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) for (const form of document.forms) rest(form, false);
  });
})();
