// Keeps a page current while `handbill serve` runs. Added to pages when they are served; published
// files do not hold it.
//
// The server says how things stand for this page: the version of its file, of the theme's looks and
// of its scripts, and what is wrong. This script compares that with what its element says the page
// was made of, and acts on what differs:
//
//   another version, other scripts   load the page again, in the same place
//   no version                       say that the page is gone
//   other looks                      put the new style sheets in the place of the old ones
//
// A page in which somebody has written something is not loaded again: it offers to.
(() => {
  'use strict';

  const own = document.currentScript.dataset;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Storage may be forbidden: then a page loads again without its place.
  const store = (key, value) => {
    try {
      if (value === undefined) return JSON.parse(sessionStorage.getItem(`handbill ${key}`));
      sessionStorage.setItem(`handbill ${key}`, JSON.stringify(value));
    } catch { /* see above */ }
    return null;
  };

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }
  const button = (text, onclick) => make('button', { type: 'button', onclick }, text);

  // ---- The panel ----------------------------------------------------------------------------

  // It is always there and, while it says nothing, of no size: only what changes in an element that
  // was there before is read out. Without its style it would stand in the page, and so it waits for it.
  const words = make('div', { role: 'status', ariaLive: 'polite' });
  const buttons = make('p');
  const box = make('section', {}, words, buttons);
  const host = make('div', { hidden: true });
  const sheet = make('link', { rel: 'stylesheet', href: '/_app/live.css', onload: () => { host.hidden = false; fill(); } });
  host.attachShadow({ mode: 'open' }).append(sheet, box);
  document.body.append(host);
  box.onkeydown = ({ key }) => { if (key === 'Escape') close(); };

  let said = '';
  let lines = [];

  function fill() {
    const isOpen = said !== '' && store('closed') !== said && !host.hidden;
    box.classList.toggle('open', isOpen);
    words.replaceChildren(...isOpen ? lines : []);
    buttons.replaceChildren(...isOpen && offered && !lost ? [button('Load it now', reload)] : [], ...isOpen ? [button('Close', close)] : []);
  }

  // What was closed stays closed until there is something else to say.
  function close() {
    store('closed', said);
    fill();
  }

  // ---- What is shown in it ------------------------------------------------------------------

  let told = null;
  let lost = false;
  let offered = false;

  function report() {
    const next = [];
    const say = (...parts) => next.push(make('p', {}, ...parts));
    const isGone = told?.ready && told.version === null && !['missing', 'starting'].includes(own.version);
    if (lost) {
      say('The connection to Handbill is lost. This page may be out of date.');
    } else if (told) {
      if (told.stale) say(`This site is not current: ${told.stale}`);
      if (isGone) say('This page is no longer part of the site. ', make('a', { href: '/' }, 'Go to the first page'));
      if (offered) say('This page has changed. It is not loaded again by itself while you write.');
      if (told.count) next.push(problems());
    }
    const text = next.map((line) => line.textContent).join('\n');
    if (text === said) return;
    said = text;
    lines = next;
    fill();
  }

  function problems() {
    const items = told.problems.map(({ file, message, hint }) => (
      make('li', {}, ...file ? [make('code', {}, file), ': '] : [], hint ? `${message}; ${hint}` : message)));
    // Most problems are in what others wrote: a word in the corner, and the rest for who asks.
    const summary = make('summary', {}, told.count === 1 ? '1 problem' : `${told.count} problems`);
    const details = make('details', { open: store('opened') }, summary, make('ul', {}, ...items));
    if (told.status) details.append(make('p', {}, make('a', { href: told.status }, 'All of them, and what to do')));
    details.ontoggle = () => store('opened', details.open);
    return details;
  }

  // ---- What is done -------------------------------------------------------------------------

  function heard({ data, lastEventId }) {
    const sync = told?.sync;
    told = JSON.parse(data);
    lost = false;
    // What the sync tools say is shown by a script of its own, on the pages that show it.
    // The first time too: it may have asked before this page could listen.
    if (sync !== told.sync) document.dispatchEvent(new Event('handbill-sync'));
    const isOther = own.version === 'starting'
      || told.version !== null && (told.version !== own.version || told.scripts !== own.scripts);
    // Once for each thing that is told: a page that is never the one that is published, for whatever
    // reason, must not be loaded for ever.
    const tried = lastEventId + location.pathname;
    if (told.ready && !isOther) {
      offered = false;
      if (told.looks !== own.looks) changeLooks();
    } else if (told.ready && store('tried') !== tried) {
      offered = isBeingWritten();
      if (!offered) {
        store('tried', tried);
        reload();
        return;
      }
    }
    report();
  }

  // New style sheets are loaded before the old ones go: the page is never without.
  function changeLooks() {
    own.looks = told.looks;
    for (const old of all('link[rel~="stylesheet"][href]:not([data-old])')) {
      const address = new URL(old.href);
      if (address.origin !== location.origin || !address.pathname.startsWith('/assets/')) continue;
      address.searchParams.set('looks', told.looks);
      const fresh = Object.assign(old.cloneNode(), { href: address.href });
      old.dataset.old = 'yes';
      fresh.onload = () => old.remove();
      fresh.onerror = () => { fresh.remove(); delete old.dataset.old; };
      old.after(fresh);
    }
  }

  // ---- The place in the page ----------------------------------------------------------------

  function isBeingWritten() {
    const text = 'textarea, input:not([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio])';
    const isChanged = (field) => (
      field.selectedIndex > 0 ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.files?.length || field.checked !== field.defaultChecked || field.matches(text) && field.value !== field.defaultValue);
    const at = document.activeElement;
    return Boolean(at?.isContentEditable || at?.matches(text)) || all('input, textarea, select').some(isChanged);
  }

  // Elements that are likely to be there again, each with what it is known by; several links may lead
  // to one place.
  const nameOf = (element) => (element.id ? `#${element.id}` : element.getAttribute('href'));
  const namedLike = (name) => all('main [id], main a[href]').filter((element) => nameOf(element) === name);
  const topOf = (element) => element.getBoundingClientRect().top;

  function reload() {
    // What begins in view: something that only ends there may hold all that changes. At the top one
    // stays at the top, and sees what is new.
    const isInView = (element) => element.getClientRects().length > 0 && topOf(element) >= 0;
    const mark = scrollY > 0 && all('main [id], main a[href]').find(isInView);
    const focus = document.activeElement;
    store('place', {
      page: location.pathname,
      x: scrollX,
      y: scrollY,
      mark: mark && { name: nameOf(mark), at: namedLike(nameOf(mark)).indexOf(mark), top: topOf(mark) },
      focus: focus && focus !== document.body ? nameOf(focus) : null,
      open: all('details').map(({ open }) => open),
    });
    history.scrollRestoration = 'manual';
    location.reload();
  }

  function comeBack() {
    const before = store('place');
    store('place', null);
    if (before?.page !== location.pathname) return;
    const details = all('details');
    if (details.length === before.open.length) details.forEach((element, at) => { element.open = before.open[at]; });
    if (before.focus) all('[id], a[href]').find((element) => nameOf(element) === before.focus)?.focus({ preventScroll: true });
    const scroll = () => {
      const mark = before.mark && namedLike(before.mark.name)[before.mark.at];
      // At once, also where a theme wants scrolling to be smooth.
      if (mark) scrollBy({ top: topOf(mark) - before.mark.top, behavior: 'instant' });
      else scrollTo({ left: before.x, top: before.y, behavior: 'instant' });
    };
    // The browser looks once more after it has loaded all; only then may it have its way again.
    const done = () => {
      scroll();
      setTimeout(() => { history.scrollRestoration = 'auto'; }, 1000);
    };
    scroll();
    // Again when pictures have their sizes.
    if (document.readyState === 'complete') done();
    else addEventListener('load', done, { once: true });
  }

  // ---- Listening ----------------------------------------------------------------------------

  let source = null;
  let timer = 0;
  let wait = 1000;

  function listen() {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(`/_app/events/${own.page}`);
    source.addEventListener('state', (event) => { wait = 1000; heard(event); });
    // A browser gives up for good when it is refused. We ask again, ever more slowly.
    source.onerror = () => {
      stop();
      lost = true;
      // Not for the moment that a new start takes.
      setTimeout(report, 2000);
      timer = setTimeout(listen, wait);
      wait = Math.min(wait * 2, 30000);
    };
  }

  function stop() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  // A browser has few connections to a server, and a hidden page needs none: when it is seen again,
  // it is told how things stand.
  document.addEventListener('visibilitychange', () => {
    wait = 1000;
    if (document.hidden) stop();
    else listen();
  });
  addEventListener('pagehide', stop);
  addEventListener('pageshow', listen);

  comeBack();
  listen();
})();
