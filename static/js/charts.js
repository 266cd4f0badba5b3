// Draws each [data-chart] from the option beside it; a part that has an address opens it.
(() => {
  const charts = new Map();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const paper = matchMedia("print");
  const isDark = () => document.documentElement.dataset.bsTheme === "dark" && !paper.matches;

  const draw = (box) => {
    charts.get(box)?.dispose();
    const option = JSON.parse(box.parentElement.querySelector("script[type='application/json']").textContent);
    const chart = echarts.init(box, isDark() ? "dark" : null, { renderer: "svg" });
    chart.setOption({
      ...option,
      backgroundColor: "transparent",
      animation: !calm.matches && !paper.matches,
      textStyle: { ...option.textStyle, fontFamily: getComputedStyle(document.body).fontFamily.replaceAll('"', "") },
      tooltip: { ...option.tooltip, renderMode: "richText", confine: true },
    });
    chart.on("click", ({ data }) => {
      const address = data?.href && new URL(data.href, location.href);
      if (address && address.origin === location.origin) location.assign(address);
    });
    charts.set(box, chart);
  };
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) charts.get(target)?.resize();
  });
  const drawNew = (part) => {
    for (const box of part.querySelectorAll("[data-chart]")) {
      if (charts.has(box)) continue;
      draw(box);
      sizes.observe(box);
    }
  };

  drawNew(document);
  document.addEventListener("htmx:load", ({ detail }) => drawNew(detail.elt.parentElement ?? document));
  const redraw = () => {
    for (const box of [...charts.keys()]) {
      if (box.isConnected) draw(box);
      else { charts.get(box).dispose(); charts.delete(box); }
    }
  };
  document.addEventListener("themechange", redraw);
  paper.addEventListener("change", redraw);
})();
