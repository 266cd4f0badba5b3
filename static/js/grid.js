// The grid of figures: arrows and Enter move from cell to cell, a block copied from a spreadsheet fills cells from the
// one that has the focus on; a warning before typed figures are left behind.
(() => {
  const grid = document.querySelector("[data-grid]");
  if (!grid) return;
  const rows = () => [...grid.querySelectorAll("[data-grid-row]")];
  const cells = (row) => [...row.querySelectorAll("[data-cell]")];
  const lines = () => rows().map(cells).filter((line) => line.length > 0);
  const placeOf = (cell) => {
    const all = lines();
    const y = all.findIndex((line) => line.includes(cell));
    return { all, y, x: all[y].indexOf(cell) };
  };
  const go = (cell) => { cell?.focus(); cell?.select(); };
  const step = (cell, dx, dy) => {
    const { all, x, y } = placeOf(cell);
    go(all[y + dy]?.[x + dx]);
  };

  grid.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches("[data-cell]") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const isWhole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    const atStart = cell.selectionEnd === 0 || isWhole;
    const atEnd = cell.selectionStart === cell.value.length || isWhole;
    if (event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey)) step(cell, 0, -1);
    else if (event.key === "ArrowDown" || event.key === "Enter") step(cell, 0, 1);
    else if (event.key === "ArrowLeft" && atStart && !event.shiftKey) step(cell, -1, 0);
    else if (event.key === "ArrowRight" && atEnd && !event.shiftKey) step(cell, 1, 0);
    else return;
    event.preventDefault();
  });

  grid.addEventListener("paste", (event) => {
    const cell = event.target;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!cell.matches("[data-cell]") || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const { all, x, y } = placeOf(cell);
    text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
      const target = all[y + down]?.[x + right];
      if (target) target.value = value.trim();
    }));
  });

  // A cell as it came is its default value: a row that was saved comes back with what was saved.
  let leaving = false;
  const isDirty = () => "refused" in grid.dataset
    || [...grid.querySelectorAll("[data-cell]")].some((cell) => cell.value !== cell.defaultValue);
  grid.addEventListener("submit", () => { leaving = true; });
  window.addEventListener("beforeunload", (event) => { if (isDirty() && !leaving) event.preventDefault(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });

  // Enter in a cell moves on; the row's own button is the way to save one row.
  document.addEventListener("htmx:afterSwap", () => { delete grid.dataset.refused; });
})();
