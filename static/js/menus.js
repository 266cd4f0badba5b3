// Small menus (details[data-menu]) and messages: a click elsewhere or Esc closes them.
(() => {
  const close = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", ({ target }) => {
    close(target.closest("details[data-menu]"));
    target.closest("[data-dismiss]")?.closest(".message").remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement.closest("details[data-menu][open]");
    close();
    menu?.querySelector("summary").focus();
  });
})();
