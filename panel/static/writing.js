// Writing: a preview beside the text, and what is typed kept on the server. Everything works without it, too.
"use strict";
(() => {
  const area = document.querySelector("textarea[data-writing]");
  if (!area) return;
  const form = area.form;
  const bar = document.createElement("p");
  const button = document.createElement("button");
  const words = document.createElement("span");
  const kept = document.createElement("span");
  const shown = document.createElement("div");
  button.type = "button";
  button.className = "btn btn-sm btn-secondary";
  button.textContent = area.dataset.preview;
  button.setAttribute("aria-expanded", "false");
  words.className = "dim";
  kept.className = "dim";
  kept.setAttribute("role", "status");
  bar.className = "writing-bar";
  bar.append(button, words, kept);
  shown.className = "article writing-shown";
  shown.hidden = true;
  area.after(bar, shown);

  const send = async (where, values) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, ...values });
    const answer = await fetch(where, { method: "POST", body, headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : null;
  };
  let waiting, asked = 0;
  const preview = async () => {
    const mine = ++asked;
    try {
      const seen = await send("../preview/", { body: area.value });
      if (!seen || mine !== asked) return;
      words.textContent = area.dataset.words.replace("{}", seen.words);
      const made = new DOMParser().parseFromString(seen.html, "text/html"); // made clean by the server
      shown.replaceChildren(...made.body.childNodes);
    } catch { /* the server may be restarting */ }
  };
  button.addEventListener("click", () => {
    shown.hidden = !shown.hidden;
    button.setAttribute("aria-expanded", String(!shown.hidden));
    preview();
  });

  const id = location.pathname.endsWith("/edit/") ? new URLSearchParams(location.search).get("id") : null;
  const headline = form.elements.headline;
  let last = `${headline.value}\n${area.value}`;
  const keep = async () => {
    const now = `${headline.value}\n${area.value}`;
    if (!id || now === last) return;
    try {
      const done = await send(`../scratch/?id=${encodeURIComponent(id)}`, { headline: headline.value, body: area.value });
      if (!done) return;
      last = now;
      kept.textContent = area.dataset.kept.replace("{}", done.kept);
    } catch { /* kept the next time */ }
  };
  area.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(preview, 700); });
  setInterval(keep, 10000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  if (area.value) preview();
})();
