// Deciding by keyboard, and usual words at a click. The page works without it, too.
"use strict";
(() => {
  const form = document.querySelector("form[data-decide]");
  if (!form) return;
  const opinion = form.querySelector("textarea");
  const phrases = form.querySelector("[data-phrases]");
  phrases.hidden = false;
  phrases.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    opinion.value = opinion.value.trim() ? `${opinion.value.trim()} ${button.textContent}` : button.textContent;
    opinion.focus();
  });
  const keys = {
    a: () => form.querySelector("[data-agree]").focus(), // Enter then signs: no signature by one slip of a finger
    r: () => { form.querySelector("[data-return]").focus(); if (!opinion.value.trim()) opinion.focus(); },
    o: () => opinion.focus(),
    n: () => { const next = document.querySelector("[data-next]"); if (next) next.click(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  let sent = false;
  form.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; }); // once is enough
  window.addEventListener("pageshow", () => { sent = false; });
})();
