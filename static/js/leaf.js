// The pages of a file that is looked at: ← and → turn them, unless the reader is typing or moving about in a large page.
document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!rel || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, .leaf--large")) return;
  document.querySelector(`#preview a[rel=${rel}]`)?.click();
});
