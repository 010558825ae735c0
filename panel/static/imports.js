// The import pages: work out the plan anew at each change, show the progress. Everything works without it, too.
"use strict";
(() => {
  const form = document.querySelector("form[data-now-form]");
  const KEY = `import ${location.pathname}`;
  if (form) {
    document.addEventListener("change", (event) => {
      if (!event.target.matches("[data-now]") || event.target.form !== form) return;
      sessionStorage.setItem(KEY, String(scrollY));
      form.requestSubmit(form.querySelector('button[value="plan"]'));
    });
    const at = sessionStorage.getItem(KEY);
    if (at !== null) { sessionStorage.removeItem(KEY); scrollTo(0, Number(at)); }
  }

  const bar = document.querySelector("[data-progress]");
  if (bar) {
    const progress = bar.querySelector("progress");
    const figures = new Intl.NumberFormat(document.documentElement.lang);
    const ask = async () => {
      try {
        const now = await (await fetch(bar.dataset.progress, { headers: { Accept: "application/json" } })).json();
        if (now.ended) { location.reload(); return; }
        bar.querySelector("[data-message]").textContent = now.message;
        bar.querySelector("[data-count]").textContent = now.total ? `${figures.format(now.done)} / ${figures.format(now.total)}` : "";
        if (now.total) { progress.max = now.total; progress.value = now.done; } else progress.removeAttribute("value");
      } catch { /* the server may be restarting */ }
      setTimeout(ask, 1000);
    };
    setTimeout(ask, 1000);
  }
})();
