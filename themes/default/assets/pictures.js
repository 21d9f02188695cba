// Shows pictures as large as the window: arrows and swiping walk, Esc closes.
addEventListener("click", (event) => {
  const link = event.target.closest("article a.picture");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const words = document.querySelector("script[data-close]").dataset;
  const add = (to, tag, set) => to.appendChild(Object.assign(document.createElement(tag), set));
  const all = [...link.closest("article").querySelectorAll("a.picture")];
  const dialog = add(document.body, "dialog", { className: "lightbox", ariaLabel: words.name });
  const strip = add(dialog, "div", { tabIndex: 0, dir: "ltr" });
  const bar = add(dialog, "p");
  const walk = (by) => strip.scrollBy(by * strip.clientWidth, 0);
  const button = (ariaLabel, textContent, onclick) => add(bar, "button", { ariaLabel, textContent, onclick });
  for (const one of all) {
    const { alt, srcset } = one.firstChild;
    const figure = add(strip, "figure");
    add(figure, "img", { loading: "lazy", alt, sizes: "100vw", srcset, src: one.href });
    add(figure, "figcaption", { textContent: one.nextSibling?.textContent ?? alt });
  }
  if (all[1]) {
    button(words.before, "‹", () => walk(-1));
    button(words.after, "›", () => walk(1));
  }
  button(words.close, "×", () => dialog.close());
  dialog.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) walk(by, event.preventDefault());
  };
  dialog.onclose = () => dialog.remove(link.focus());
  dialog.showModal();
  strip.scrollLeft = all.indexOf(link) * strip.clientWidth;
  strip.focus();
});
