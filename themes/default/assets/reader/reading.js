// Marks what is new, and keeps stars and muted words. Pages say nothing of it; this script fills it in.
//
// While `handbill serve` runs, the server keeps the state, for all browsers. Otherwise this browser
// does: then a message is new when it is dated after one last said that all is read.
(() => {
  'use strict';

  const { src, dataset: w } = document.currentScript;
  const top = new URL('../../', src).href;
  const key = `handbill reading ${top}`;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const served = find('meta[name="handbill-reading"]');
  const here = pageOf(location.href);
  let state = null;

  // The page of the edition that an address leads to, or undefined.
  function pageOf(address) {
    if (address?.startsWith(top)) return address.slice(top.length).replace(/[?#].*/, '').replace(/(^|\/)$/, '$1index.html');
  }
  const folder = (page) => page.split('/')[0];

  function make(name, properties, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }
  const span = (className, ...children) => make('span', { className }, ...children);
  const button = (text, change) => make('button', { type: 'button', onclick: () => mark(change) }, text);

  // ---- The state ----------------------------------------------------------------------------

  async function ask(options) {
    const answer = await fetch('/_app/reading', options);
    if (!answer.ok) throw new Error(await answer.text());
    state = await answer.json();
    for (const list of Object.values(state.unread)) list.forEach(([, page], at) => { list[at] = page; });
    draw();
  }

  // Storage may be forbidden: then nothing is kept.
  function keep() {
    try { localStorage.setItem(key, JSON.stringify(state)); } catch { /* see above */ }
    draw();
  }

  async function load() {
    if (served) return ask().catch(() => {});
    state = { since: { '': Date.now() }, read: [], stars: [], words: [] };
    try { Object.assign(state, JSON.parse(localStorage.getItem(key))); } catch { /* see above */ }
    keep();
  }

  // What the server does in its place.
  const changes = {
    read: ({ pages }) => { state.read = [...state.read, ...pages].slice(-2000); },
    all: ({ contact }) => {
      if (contact) state.since[contact] = Date.now();
      else Object.assign(state, { since: { '': Date.now() }, read: [] });
    },
    star: ({ do: _, ...star }) => { state.stars.push(star); },
    unstar: ({ page }) => { state.stars = state.stars.filter((star) => star.page !== page); },
    word: ({ word, on }) => { state.words = [...state.words.filter((known) => known !== word), ...on ? [word] : []]; },
  };

  function mark(change) {
    if (served) {
      const body = JSON.stringify({ token: state.token, marks: [change] });
      // A server that was started anew has another token.
      ask({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: true }).catch(load);
    } else {
      changes[change.do](change);
      keep();
    }
  }

  function isNew({ page, mine, time }) {
    if (served) return state.unread[folder(page)]?.includes(page);
    const since = Math.max(state.since[''], state.since[folder(page)] ?? 0);
    return !mine && Date.parse(time) > since && !state.read.includes(page);
  }

  // ---- The messages of the page -------------------------------------------------------------

  const title = find('.contact-head h1')?.textContent;
  // A button that says whether the message has a star, and changes that.
  function starOf(star) {
    const { page, name } = star;
    const element = make('button', { type: 'button', className: 'star', ariaLabel: w.star.replace('{}', name) });
    element.draw = () => {
      const isOn = state.stars.some((known) => known.page === page);
      element.textContent = isOn ? '★' : '☆';
      element.ariaPressed = isOn;
      element.onclick = () => mark(isOn ? { do: 'unstar', page } : { do: 'star', ...star });
      return element;
    };
    return element;
  }

  const messages = all('main article.message').flatMap((article) => {
    const single = article.matches('.single');
    const when = find(':is(.byline, .signed) .when', article);
    const page = single ? here : pageOf(find('.when a[href]', article)?.href);
    if (!page || !when) return [];
    const name = find('h1, h2, h3', article)?.textContent ?? '';
    const from = find('.from bdi', article)?.textContent ?? title ?? '';
    const time = find('time', when);
    const date = (find('.day-title', article.closest('.day') ?? article) ?? time).textContent;
    const sign = span('new-mark', w.new);
    const star = starOf({ page, name, from, date });
    sign.hidden = true;
    when.prepend(sign);
    when.append(' ', star);
    return { article, page, single, sign, star, time: time.dateTime, mine: article.matches('.mine') };
  });

  function holds(text, word) {
    const plain = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    // Scripts without spaces between words have no ends to look for.
    const isOpen = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(word);
    return new RegExp(isOpen ? plain : `(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])`, 'iu').test(text);
  }

  function fold({ article, single, mine }) {
    const folded = find(':scope > .folded', article);
    const word = !single && !mine && state.words.find((known) => holds(article.textContent, known));
    if (!word && folded) {
      folded.firstChild.remove();
      folded.replaceWith(...folded.childNodes);
    } else if (word && !folded) {
      const summary = make('summary', {}, w.folded.replace('{}', word));
      article.append(make('details', { className: 'folded' }, summary, ...article.childNodes));
    }
  }

  // ---- What stands beside them --------------------------------------------------------------

  function count(link, number) {
    find('.unread', link)?.remove();
    if (number) link.append(span('unread', number, span('unseen', ` ${w.new}`)));
  }

  const bar = make('p', { className: 'reading-bar', hidden: true });
  const contact = title && folder(here);
  if (contact) find('.contact-head').after(bar);
  else if (here === 'index.html') find('main').prepend(bar);

  function drawBar(number) {
    const parts = [];
    if (number) {
      const change = { do: 'all', ...contact && { contact }, upto: state.last };
      parts.push(span('new-mark', `${number} ${w.new}`), button(contact ? w.read : w.all, change));
    }
    if (served && state.others.includes(contact)) {
      const on = !state.muted.includes(contact);
      parts.push(button(on ? w.mute : w.unmute.replace('{}', title), { do: 'mute', contact, on }));
    }
    bar.hidden = !parts.length;
    bar.replaceChildren(...parts);
  }

  // ---- The page of stars and muted things ---------------------------------------------------

  const place = Object.fromEntries(all('#main [id]').map((element) => [element.id, element]));

  function drawPage() {
    const { stars, words, muted = [] } = state;
    const star = (one) => {
      // Whatever was kept: it leads nowhere but into these pages.
      const link = make('a', { href: top + one.page }, one.name || one.page);
      return make('li', {}, starOf(one).draw(), ' ', link, ` ${one.from}, ${one.date}`);
    };
    const off = (text, change) => make('li', {}, button(w.unmute.replace('{}', text), { ...change, on: false }));
    place['without-scripts'].hidden = true;
    place.marks.hidden = false;
    place[served ? 'kept-here' : 'kept'].hidden = true;
    place.stars.replaceChildren(...stars.map(star).reverse());
    place.words.replaceChildren(...words.map((word) => off(word, { do: 'word', word })));
    place.muted.replaceChildren(...muted.map((contact) => off(contact, { do: 'mute', contact })));
  }

  if (place.marks) {
    place['add-word'].onsubmit = (event) => {
      event.preventDefault();
      mark({ do: 'word', word: place.word.value.trim().toLowerCase(), on: true });
      event.target.reset();
    };
    place['all-read'].onclick = () => mark({ do: 'all', upto: state.last });
  }

  // ---- Drawing ------------------------------------------------------------------------------

  function draw() {
    const unread = served ? Object.values(state.unread).flat() : messages.filter(isNew).map(({ page }) => page);
    const countOf = (dir) => unread.filter((page) => folder(page) === dir).length;
    for (const message of messages) {
      message.sign.hidden = message.single || !isNew(message);
      message.star.draw();
      fold(message);
    }
    for (const run of all('.fold')) {
      count(run.firstElementChild, messages.filter((one) => run.contains(one.article) && isNew(one)).length);
    }
    for (const link of all('.register a[href]')) {
      const page = pageOf(link.href);
      if (page === 'index.html') count(link, unread.length);
      else if (find('.sign', link)) count(link, countOf(folder(page)));
    }
    drawBar(contact ? countOf(contact) : unread.length);
    if (place.marks) drawPage();
  }

  load().then(() => {
    if (state && messages[0]?.single && isNew(messages[0])) mark({ do: 'read', pages: [here] });
  });
  // Another browser, or another page, may have changed it.
  addEventListener('pageshow', (event) => { if (event.persisted) load(); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) load(); });
})();
