// The split of a target: what the shares make together and what lacks, while one types. A share of a unit that lies
// below another unit with a share is a part of that one and is not added.
(() => {
  const line = document.querySelector("[data-split]");
  if (!line) return;
  const rows = [...document.querySelectorAll("[data-path]")];
  const whole = Number(line.dataset.whole);
  const number = (text) => Number(text.normalize("NFKC").replace(/,/g, ""));
  const shown = (value) => String(Math.round(value * 1e4) / 1e4);
  const reckon = () => {
    const filled = rows.map((row) => [row.dataset.path, row.querySelector("[data-part]").value.trim()]).filter(([, text]) => text);
    const outer = filled.filter(([path]) => !filled.some(([other]) => other !== path && path.startsWith(other)));
    const sum = outer.reduce((total, [, text]) => total + (number(text) || 0), 0);
    line.querySelector("[data-sum]").textContent = shown(sum);
    line.querySelector("[data-gap]").textContent = shown(whole - sum);
  };
  document.addEventListener("input", reckon);
  document.addEventListener("paste", () => setTimeout(reckon));
})();
