// Typeset text as React elements. What is not text or a formula is dropped here, whatever a store may hold.
(() => {
  const TAGS = new Set((
    "p ul ol li strong em code pre h1 h2 h3 h4 h5 h6 blockquote hr br a table thead tbody tr th td span " +
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup mover munder munderover mstyle mtable mtr mtd mpadded mphantom"
  ).split(" "));
  const ATTRIBUTES = new Set((
    "title start target rel display displaystyle scriptlevel mathvariant stretchy fence form minsize maxsize accent " +
    "width height depth linethickness lspace rspace"
  ).split(" "));
  const RENAMED = { class: "className", tabindex: "tabIndex" };

  function properties(element, key) {
    const made = { key };
    for (const { name, value } of element.attributes) {
      if (ATTRIBUTES.has(name)) made[name] = value;
      else if (name in RENAMED) made[RENAMED[name]] = value;
      else if (name === "href" && /^(https?:|mailto:|[/#?])/i.test(value)) made.href = value;
    }
    return made;
  }

  function elements(nodes) {
    return [...nodes].map((node, key) => {
      if (node.nodeType === Node.TEXT_NODE) return node.data;
      if (node.nodeType !== Node.ELEMENT_NODE || !TAGS.has(node.localName)) return null;
      return React.createElement(node.localName, properties(node, key), ...elements(node.childNodes));
    });
  }

  const parser = new DOMParser();
  function Typeset({ id, html, tag, className, title }) {
    const inner = React.useMemo(() => elements(parser.parseFromString(html, "text/html").body.childNodes), [html]);
    return React.createElement(tag || "div", { id, className, title }, ...inner);
  }

  window.lab = Object.assign(window.lab || {}, { Typeset });
})();
