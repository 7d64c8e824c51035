// The filter of the overview: search, verdicts and chapter, at once and in the URL; nothing is asked of the server.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const plain = (text) => text.toLowerCase().replace(/[\s_]+/g, " ");
  let texts = new WeakMap();

  // What the search reads of a part of the page: its words, the names and the text that its attributes hold.
  function words(part, also = "") {
    if (!texts.has(part)) texts.set(part, plain(`${part.textContent} ${also}`));
    return texts.get(part);
  }

  function asked(form) {
    return {
      q: form.elements.q.value,
      verdict: all("[name=verdict]:checked", form).map((box) => box.value).join("|"),
      chapter: form.elements.chapter.value,
    };
  }

  function remember(state) {
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(state)) value ? query.set(key, value) : query.delete(key);
    const search = query.toString();
    history.replaceState(history.state, "", location.pathname + (search ? "?" + search : "") + location.hash);
  }

  function apply(form) {
    const { q, verdict, chapter } = asked(form);
    const wanted = plain(q).split(" ").filter(Boolean);
    const has = (text) => wanted.every((word) => text.includes(word));
    const verdicts = new Set(verdict ? verdict.split("|") : []);
    const passing = new Set();
    let experiments = 0;
    for (const section of all(".chapter-row")) {
      const here = !chapter || section.dataset.chapter === chapter;
      for (const row of all("[data-experiment]", section)) {
        const whole = has(words(row.querySelector("header"), `${row.dataset.experiment} ${row.dataset.text}`));
        let some = false;
        for (const claim of all("[data-claim]", row)) {
          const passes =
            here && (whole || has(words(claim, claim.dataset.claim))) && (!verdicts.size || verdicts.has(claim.dataset.verdict));
          claim.hidden = !passes;
          if (passes) passing.add(claim.dataset.claim);
          some = some || passes;
        }
        row.hidden = !(some || (here && whole && !verdicts.size));
        experiments += !row.hidden;
      }
      section.hidden = !section.querySelector("[data-experiment]:not([hidden])");
    }
    const filtered = wanted.length || verdicts.size || chapter;
    for (const mark of all(".matrix [data-claim]")) mark.classList.toggle("faded", filtered && !passing.has(mark.dataset.claim));
    document.querySelector(".matrix").toggleAttribute("data-filtered", Boolean(filtered));
    const claims = all(".chapter-row [data-claim]").length;
    form.querySelector("output").textContent = filtered
      ? passing.size || experiments
        ? `${passing.size} of ${claims} claims in ${experiments} of ${all(".chapter-row [data-experiment]").length} experiments`
        : "No claim passes the filter."
      : "";
  }

  function arrive() {
    const form = document.getElementById("filter");
    if (!form) return;
    const query = new URLSearchParams(location.search);
    const verdicts = new Set((query.get("verdict") || "").split("|"));
    form.elements.q.value = query.get("q") || "";
    for (const box of all("[name=verdict]", form)) box.checked = verdicts.has(box.value);
    form.elements.chapter.value = query.get("chapter") || "";
    if (form.elements.chapter.selectedIndex < 0) form.elements.chapter.value = "";
    apply(form);
  }

  function changed(event) {
    const form = event.target.closest && event.target.closest("#filter");
    if (!form) return;
    remember(asked(form));
    apply(form);
  }

  document.addEventListener("input", changed);
  document.addEventListener("submit", (event) => event.target.id === "filter" && event.preventDefault());
  document.addEventListener("lab:fixed", () => {
    texts = new WeakMap();
    arrive();
  });
})();
