// What the server is asked and how it goes: a quiet bar while an answer is awaited, one sentence where none comes.
(() => {
  const CALLBACKS = "_dash-update-component";
  const PATIENCE = 200; // milliseconds before the bar shows: most answers come sooner
  const asking = new Set();
  let late = 0;

  function show() {
    clearTimeout(late);
    const busy = () => document.documentElement.toggleAttribute("data-busy", asking.size > 0);
    if (asking.size) late = setTimeout(busy, PATIENCE);
    else busy();
    const page = document.getElementById("page");
    if (page) page.setAttribute("aria-busy", String(asking.size > 0));
  }

  function said(sentence) {
    const trouble = document.getElementById("trouble");
    if (!trouble) return;
    trouble.hidden = !sentence;
    if (sentence) trouble.querySelector("span").textContent = sentence;
  }

  const fetched = window.fetch;
  window.fetch = async (...request) => {
    const address = String((request[0] && request[0].url) || request[0]);
    if (!address.includes(CALLBACKS)) return fetched(...request);
    const token = {};
    asking.add(token);
    show();
    try {
      const answer = await fetched(...request);
      if (answer.status >= 500) said("A part of this page could not be made: the server met an error.");
      else if (answer.ok) said("");
      return answer;
    } catch (error) {
      if (error.name !== "AbortError") said("The dashboard does not answer: it has stopped, or the connection is gone.");
      throw error;
    } finally {
      asking.delete(token);
      show();
    }
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#trouble button")) location.reload(); // the URL holds all state
  });
})();
