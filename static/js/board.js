// The board: cards move by dragging, from their menu, or by keys. A card stays where it is until the server agreed;
// the answer then brings the card and both column heads, or fills the dialog with what is missing.
// Who comes back from filling in what was missing, or from signing in again (?move=), finds the dialog open again, with
// what was typed in it: what the dialog asks of the server stands in the address until it is closed.
// What happens is said in #board-says for those who cannot see it; that a card was moved is said by the toast.
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  const dialog = document.getElementById("move-dialog");
  const gate = document.getElementById("gate");
  const words = document.getElementById("board-says");
  const isMovable = "movable" in board.dataset;
  const columns = [...board.querySelectorAll("[data-stage]")];
  const cardOf = (element) => element.closest?.(".board__card");
  const columnOf = (card) => columns.indexOf(card.parentElement);
  const nameOf = (card) => card.querySelector(".board__title").textContent;
  const stageAt = (at) => columns[at].parentElement.querySelector("h2").textContent;
  let moving = null;
  let sent = false; // whether it was told where to go, not only asked
  let picked = null; // the card that keys carry, and the column it is over

  const say = (word, values = {}) => {
    const text = words.dataset[word].replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
    words.textContent = text;
  };
  const query = board.dataset.kept ? `?${board.dataset.kept}` : "";
  const left = new URLSearchParams(location.search).get("move");
  const here = location.pathname + (left ? query : location.search);
  const remember = () => {
    const typed = new FormData(gate.querySelector("form") ?? undefined);
    for (const name of ["csrf_token", "version"]) typed.delete(name);
    const asked = `move=${moving.slice("card-".length)}&${new URLSearchParams(typed)}`;
    const address = [...typed].length ? `${location.pathname}${query}${query ? "&" : "?"}${asked}` : here;
    history.replaceState(history.state, "", address);
  };
  const open = (id, address) => {
    moving = id;
    sent = false;
    remember(); // to load the page again opens it no more
    htmx.ajax("GET", address, { source: document.getElementById(id) ?? gate, target: gate });
  };
  const ask = (card) => open(card.id, card.querySelector("[data-move]").href);
  const move = (card, stage) => {
    moving = card.id;
    sent = true;
    const id = card.id.slice("card-".length);
    card.setAttribute("aria-busy", "true");
    const values = { to_stage: stage, version: card.dataset.version };
    htmx.ajax("POST", `/projects/${id}/moves${query}`, { source: card, target: gate, values })
      .finally(() => card.removeAttribute("aria-busy"));
  };
  const focusOn = (card) => card?.querySelector(".board__title")?.focus();

  gate.addEventListener("htmx:confirm", remember);

  // What came back: a dialog to show, or nothing, since everything was put in its place.
  gate.addEventListener("htmx:afterSettle", () => {
    if (gate.querySelector("form")) {
      const card = document.getElementById(moving);
      const why = gate.querySelector(".gate-missing strong, [role=alert]:not(.gate-missing), .field-error");
      if (card && (sent || why)) {
        say("refused", { name: nameOf(card), stage: stageAt(columnOf(card)), why: why?.textContent.trim() });
      }
      if (!dialog.open) dialog.showModal();
      return;
    }
    if (dialog.open) dialog.close();
    focusOn(document.getElementById(moving));
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target.closest("[data-closes]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    gate.replaceChildren();
    remember();
    focusOn(document.getElementById(moving));
  });

  const over = (at) => {
    for (const [n, column] of columns.entries()) column.parentElement.toggleAttribute("data-over", n === at);
  };
  const pick = (card) => {
    picked = { card, at: columnOf(card) };
    card.toggleAttribute("data-picked", true);
    over(picked.at);
    say("picked", { name: nameOf(card), stage: stageAt(picked.at) });
  };
  const letGo = () => {
    picked?.card.removeAttribute("data-picked");
    over(-1);
    picked = null;
  };
  const cancel = () => {
    const { card } = picked;
    letGo();
    say("cancelled", { name: nameOf(card), stage: stageAt(columnOf(card)) });
  };
  const carry = (key) => {
    const { card, at } = picked;
    if (key === "Escape" || ([" ", "Enter"].includes(key) && at === columnOf(card))) {
      cancel();
    } else if ([" ", "Enter"].includes(key)) {
      letGo();
      say("sent", { name: nameOf(card), stage: stageAt(at) });
      move(card, columns[at].dataset.stage);
    } else if (["ArrowLeft", "ArrowRight"].includes(key)) {
      const to = at + (key === "ArrowRight" ? 1 : -1);
      if (!columns[to]) return;
      picked.at = to;
      over(to);
      columns[to].parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
      say("over", { stage: stageAt(to), n: to + 1, of: columns.length });
    }
  };

  const neighbour = (card, key) => {
    if (key === "ArrowDown") return card.nextElementSibling;
    if (key === "ArrowUp") return card.previousElementSibling;
    const step = key === "ArrowRight" ? 1 : -1;
    const place = [...card.parentElement.children].indexOf(card);
    let at = columns.indexOf(card.parentElement) + step;
    while (columns[at] && !columns[at].querySelector(".board__card")) at += step;
    const there = columns[at]?.querySelectorAll(".board__card");
    return there?.[Math.min(place, there.length - 1)];
  };
  board.addEventListener("keydown", (event) => {
    const card = cardOf(event.target);
    if (!card || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (picked) {
      if (event.key === "Tab") return;
      carry(event.key);
    } else if (event.key === " " && isMovable && event.target.matches(".board__title")) {
      pick(card);
    } else if (event.shiftKey && isMovable && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
      const at = columns.indexOf(card.parentElement) + (event.key === "ArrowRight" ? 1 : -1);
      if (columns[at]) move(card, columns[at].dataset.stage);
    } else if (event.key.startsWith("Arrow") && !event.shiftKey) {
      const next = neighbour(card, event.key);
      if (next?.matches(".board__card")) focusOn(next);
    } else if (event.key.toLowerCase() === "m" && isMovable) {
      ask(card);
    } else {
      return;
    }
    event.preventDefault();
  });

  if (!isMovable) return;
  board.addEventListener("focusin", ({ target }) => {
    if (target.matches(".board__title")) target.setAttribute("aria-describedby", "board-keys");
  });
  board.addEventListener("focusout", ({ relatedTarget }) => {
    if (picked && relatedTarget && cardOf(relatedTarget) !== picked.card) cancel();
  });
  board.addEventListener("click", (event) => {
    if (!event.target.closest("[data-move]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    ask(cardOf(event.target));
  });
  for (const list of columns) {
    Sortable.create(list, {
      group: "stages",
      sort: false,
      draggable: ".board__card",
      delay: 180,
      delayOnTouchOnly: true,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onEnd: ({ item, from, to, oldIndex }) => {
        if (from === to) return;
        from.insertBefore(item, from.children[oldIndex] ?? null);
        move(item, to.dataset.stage);
      },
    });
  }
  if (/^\d+$/.test(left)) {
    open(`card-${left}`, `/projects/${left}/moves/new${location.search}`);
  }
})();
