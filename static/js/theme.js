// Light or dark, set before the first paint: the reader's choice, else the system's.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = () => {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    root.dataset.bsTheme = theme;
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
    document.dispatchEvent(new Event("themechange"));
  };

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    try { localStorage.setItem("theme", root.dataset.bsTheme === "dark" ? "light" : "dark"); } catch { return; }
    apply();
  });
})();
