// Editing in place: Esc in the small form puts the value back, as its Cancel link does.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.target.closest?.("form[data-in-place]")?.querySelector("[data-cancels]").click();
});
