// What makes the pages quicker to work with. Everything here works without it, too.
"use strict";
(() => {
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  // ── menus: one open at a time, closed by Escape and by a click beside them ──────────────
  const closeMenus = (but) => each("details[data-menu][open]", (menu) => { if (menu !== but) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

  // ── ticked rows ─────────────────────────────────────────────────────────────────────────
  each("form[data-ticks]", (form) => {
    const bar = form.querySelector("[data-bulk]");
    if (!bar) return;
    const boxes = [...form.querySelectorAll('tbody input[name="id"]')];
    const all = form.querySelector("[data-tick-all]");
    const every = bar.querySelector('input[name="all"]');
    const words = bar.querySelector("[data-ticked]");
    const show = () => {
      const ticked = boxes.filter((box) => box.checked);
      boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
      bar.hidden = !ticked.length && !(every && every.checked);
      bar.classList.add("on");
      words.textContent = words.dataset.ticked.replace("{}", ticked.length);
      if (all) {
        all.checked = ticked.length > 0 && ticked.length === boxes.length;
        all.indeterminate = ticked.length > 0 && !all.checked;
      }
    };
    if (all) all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); show(); });
    form.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  });

  // ── keys: / search, j k move, x tick, Enter open, Ctrl+S save ───────────────────────────
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  const move = (step) => {
    const rows = [...document.querySelectorAll("form[data-ticks] tbody tr")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    if (at >= 0) rows[at].classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const form = document.querySelector("form[data-watch]");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector(".savebar button")); }
      return;
    }
    if (event.key === "Escape") closeMenus();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const row = document.querySelector("tr.at");
    if (event.key === "/") {
      const find = document.querySelector("[data-find]");
      if (find) { event.preventDefault(); find.focus(); }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "x" && row) { const box = row.querySelector('input[name="id"]'); if (box) box.click(); }
    else if (event.key === "Enter" && row && event.target === document.body) row.querySelector("th a").click();
  });

  // ── forms: focus on what is wrong, count what is not saved, ask before leaving ──────────
  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();
  each("form[data-watch]", (form) => {
    const words = form.querySelector("[data-unsaved]");
    const returned = Boolean(document.querySelector("[data-focus]")); // refused: all of it is unsaved
    const value = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
    const watched = () => [...form.elements].filter((f) => f.name && f.type !== "submit" && !/^(csrf_token|version)$/.test(f.name));
    const start = new Map(watched().map((field) => [field, value(field)]));
    let leaving = false;
    const changed = () => new Set([
      ...watched().filter((f) => !start.has(f) || start.get(f) !== value(f)).map((f) => f.name.replace(/-(id|pick|sent)$/, "")),
      ...[...start.keys()].filter((f) => !f.isConnected).map((f) => f.name.replace(/-(id|pick|sent)$/, "")),
    ]).size;
    const show = () => {
      if (!words) return;
      const count = changed();
      words.hidden = !count;
      words.firstElementChild.textContent = words.dataset.unsaved.replace("{}", count);
    };
    ["input", "change"].forEach((kind) => form.addEventListener(kind, show));
    form.addEventListener("submit", (event) => { if (leaving) event.preventDefault(); leaving = true; }); // once is enough
    window.addEventListener("pageshow", () => { leaving = false; });
    window.addEventListener("beforeunload", (event) => { if (!leaving && (changed() || returned)) event.preventDefault(); });
  });

  // ── type-ahead: a combobox over /lookup ─────────────────────────────────────────────────
  let numbered = 0;
  const combobox = (input) => {
    const list = document.createElement("ul");
    const people = input.closest("[data-people]");
    const hidden = people ? null : input.parentElement.querySelector(`input[name="${CSS.escape(input.name)}-id"]`);
    list.className = "options";
    list.id = `options-${++numbered}`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    const around = document.createElement("span");
    around.className = "combo";
    input.replaceWith(around);
    around.append(input, list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    let found = [], at = -1, asked = 0, waiting;

    const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const mark = (place) => {
      at = place;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
      const here = list.children[at];
      if (here) { input.setAttribute("aria-activedescendant", here.id); here.scrollIntoView({ block: "nearest" }); }
    };
    const choose = (one) => {
      if (people) {
        const chip = document.createElement("label"), box = document.createElement("input"), name = document.createElement("b");
        chip.className = "chip";
        box.type = "checkbox"; box.className = "sr-only"; box.name = people.dataset.people; box.value = one.id; box.checked = true;
        box.setAttribute("aria-label", one.text);
        name.textContent = one.text;
        chip.append(box, name);
        if (![...people.querySelectorAll("input[type=checkbox]")].some((b) => b.value === String(one.id) && b.checked)) people.insertBefore(chip, around);
        input.value = "";
      } else {
        input.value = one.text;
        if (hidden) hidden.value = one.id;
      }
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const draw = () => {
      list.replaceChildren(...found.map((one, i) => {
        const item = document.createElement("li"), note = document.createElement("span");
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.textContent = one.text;
        note.className = "dim";
        note.textContent = one.note;
        item.append(" ", note);
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one); });
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      at = -1;
    };
    const ask = async () => {
      const mine = ++asked;
      const address = new URL(input.dataset.lookup, location.href);
      address.searchParams.set("q", input.value);
      const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
      const rows = answer?.ok ? await answer.json().catch(() => []) : [];
      if (mine !== asked) return; // an answer to what is no longer typed
      found = rows;
      if (document.activeElement === input) draw();
    };
    input.addEventListener("input", () => {
      if (hidden) hidden.value = "";
      clearTimeout(waiting);
      waiting = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask();
        else mark((at + (event.key === "ArrowDown" ? 1 : found.length - 1) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % found.length);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        choose(found[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      } else if (event.key === "Backspace" && people && !input.value) {
        const last = [...people.querySelectorAll("input[type=checkbox]:checked")].pop();
        if (last) { last.checked = false; last.dispatchEvent(new Event("change", { bubbles: true })); }
      }
    });
    input.addEventListener("blur", () => { clearTimeout(waiting); close(); });
  };
  each("input[data-lookup]", combobox);

  // ── a value edited in its cell ──────────────────────────────────────────────────────────
  const fragment = (address, options = {}) => fetch(address, { ...options, headers: { "X-Fragment": "cell" } });
  const openCell = async (link) => {
    const cell = link.parentElement, before = [...cell.childNodes];
    const answer = await fragment(link.href).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) { location.href = link.href; return; }
    const fill = (html) => {
      cell.replaceChildren(document.createRange().createContextualFragment(html));
      const form = cell.querySelector("[data-cell-form]");
      if (!form) { const value = cell.querySelector("[data-cell]"); if (value) value.focus(); return; }
      each("input[data-lookup]", combobox, form);
      const first = form.querySelector("input:not([type=hidden]), select, textarea");
      if (first) first.focus();
      const back = () => { cell.replaceChildren(...before); link.focus(); };
      form.querySelector("[data-cell-cancel]").addEventListener("click", (event) => { event.preventDefault(); back(); });
      form.addEventListener("keydown", (event) => { if (event.key === "Escape") back(); });
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        event.stopPropagation();
        const saved = await fragment(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
        if (!saved || saved.redirected || ![200, 409, 422].includes(saved.status)) { location.href = link.href; return; }
        fill(await saved.text());
      });
    };
    fill(await answer.text());
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-cell]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openCell(link);
  });

  // ── a secret leaves the page when its time is over, and with whoever leaves the page ────
  each("[data-reveal]", (box) => {
    const ends = Date.now() + 1000 * Number(box.dataset.reveal), clock = box.querySelector("[data-clock]");
    const hide = () => each("[data-secret]", (part) => { part.textContent = ""; }, box);
    const tick = () => {
      const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
      clock.textContent = left;
      if (!left) { hide(); clearInterval(beat); location.replace(box.dataset.after); }
    };
    const beat = setInterval(tick, 250);
    window.addEventListener("pagehide", hide);
  });
})();
