// While pinyin is being composed, Enter picks a word: it neither submits a form nor starts a search.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.isComposing || event.keyCode === 229)) return;
    event.stopImmediatePropagation();
    if (event.target instanceof HTMLInputElement) event.preventDefault();
  }, true);
  document.addEventListener("input", (event) => {
    if (event.isComposing) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("compositionend", ({ target }) => {
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);
})();
