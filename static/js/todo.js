// The queue by keys: j and k go from line to line, d does (or opens) the line that has the focus.
(() => {
  const lines = () => [...document.querySelectorAll("[data-todo]:not(.is-closed)")];
  const isTyping = (target) => target.closest("input, textarea, select, dialog[open]") !== null;

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const all = lines();
    const here = all.indexOf(document.activeElement.closest("[data-todo]"));
    if (event.key === "j") all[Math.min(here + 1, all.length - 1)]?.focus();
    else if (event.key === "k") all[Math.max(here - 1, 0)]?.focus();
    else if (event.key === "d" && here >= 0) all[here].querySelector("[data-done]")?.click();
    else if (event.key === "Enter" && event.target.matches("[data-todo]")) event.target.querySelector("[data-open]")?.click();
    else return;
    event.preventDefault();
  });
})();
