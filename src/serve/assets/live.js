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
  const place = 'handbill place';
  const tried = 'handbill tried';
  const closed = 'handbill closed';
  const opened = 'handbill opened';

  // Storage may be forbidden: then a page loads again without its place.
  const store = {
    get(key) {
      try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
    },
    set(key, value) {
      try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* see above */ }
    },
    take(key) {
      const value = store.get(key);
      try { sessionStorage.removeItem(key); } catch { /* see above */ }
      return value;
    },
  };

  // ---- The panel ----------------------------------------------------------------------------

  const panel = (() => {
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    // It is always there and, while it says nothing, of no size: only what changes in an element
    // that was there before is read out.
    const box = make('section');
    const words = make('div');
    words.setAttribute('role', 'status');
    words.setAttribute('aria-live', 'polite');
    const buttons = make('p');
    box.append(words, buttons);
    let said = '';
    let lines = [];
    let action = null;

    // Without its style it would stand in the page, and so it waits for it.
    host.hidden = true;
    const sheet = make('link', { rel: 'stylesheet', href: '/_app/live.css' });
    sheet.addEventListener('load', () => { host.hidden = false; fill(); });
    root.append(sheet, box);
    document.body.append(host);

    function fill() {
      const isOpen = said !== '' && store.get(closed) !== said && !host.hidden;
      box.classList.toggle('open', isOpen);
      words.replaceChildren(...isOpen ? lines : []);
      buttons.replaceChildren();
      if (!isOpen) return;
      if (action) buttons.append(make('button', { type: 'button', textContent: action.name, onclick: action.run }));
      buttons.append(make('button', { type: 'button', textContent: 'Close', onclick: close }));
    }

    function close() {
      store.set(closed, said);
      fill();
    }
    box.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });

    // Shows some lines (elements) and perhaps what can be done. What was closed stays closed until
    // there is something else to say.
    function show(newLines, newAction) {
      const text = newLines.map((line) => line.textContent).join('\n');
      if (text === said) return;
      said = text;
      lines = newLines;
      action = newAction;
      fill();
    }
    return { show };
  })();

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  // ---- What is shown in it ------------------------------------------------------------------

  let told = null;
  let lost = false;
  let offered = false;

  function report() {
    const lines = [];
    const say = (...parts) => lines.push(make('p', {}, ...parts));
    if (lost) {
      say('The connection to Handbill is lost. This page may be out of date.');
    } else if (told) {
      if (told.stale) say(`This site is not current: ${told.stale}`);
      if (isGone()) say('This page is no longer part of the site. ', make('a', { href: '/', textContent: 'Go to the first page' }));
      if (offered) say('This page has changed. It is not loaded again by itself while you write.');
      if (told.count > 0) lines.push(...problems());
    }
    panel.show(lines, offered && !lost ? { name: 'Load it now', run: reload } : null);
  }

  function problems() {
    const number = told.count === 1 ? '1 problem' : `${told.count} problems`;
    const items = told.problems.map(({ file, message, hint }) => {
      const item = make('li');
      if (file) item.append(make('code', { textContent: file }), ': ');
      item.append(hint ? `${message}; ${hint}` : message);
      return item;
    });
    // Most problems are in what others wrote: a word in the corner, and the rest for who asks.
    const details = make('details', { open: store.get(opened) === true });
    details.append(make('summary', { textContent: number }), make('ul', {}, ...items));
    if (told.status) details.append(make('p', {}, make('a', { href: told.status, textContent: 'All of them, and what to do' })));
    details.addEventListener('toggle', () => store.set(opened, details.open));
    return [details];
  }

  function isGone() {
    return told.ready && told.version === null && own.version !== 'missing' && own.version !== 'starting';
  }

  // ---- What is done -------------------------------------------------------------------------

  function heard(event) {
    told = JSON.parse(event.data);
    lost = false;
    if (told.ready) {
      if (isOther()) {
        // Once for each thing that is told: a page that is never the one that is published, for
        // whatever reason, must not be loaded for ever.
        if (store.get(tried) !== event.lastEventId + location.pathname) {
          if (isBeingWritten()) {
            offered = true;
          } else {
            store.set(tried, event.lastEventId + location.pathname);
            reload();
            return;
          }
        }
      } else {
        offered = false;
        if (told.looks !== own.looks) changeLooks();
      }
    }
    report();
  }

  function isOther() {
    if (own.version === 'starting') return true;
    if (told.version === null) return false;
    return told.version !== own.version || told.scripts !== own.scripts;
  }

  // New style sheets are loaded before the old ones go: the page is never without.
  function changeLooks() {
    own.looks = told.looks;
    for (const old of document.querySelectorAll('link[rel~="stylesheet"][href]')) {
      const address = new URL(old.href);
      if (address.origin !== location.origin || !address.pathname.startsWith('/assets/')) continue;
      if (old.dataset.old) continue;
      address.searchParams.set('looks', told.looks);
      const fresh = old.cloneNode();
      fresh.href = address.href;
      old.dataset.old = 'yes';
      fresh.addEventListener('load', () => old.remove());
      fresh.addEventListener('error', () => { fresh.remove(); delete old.dataset.old; });
      old.after(fresh);
    }
  }

  // ---- The place in the page ----------------------------------------------------------------

  // Elements that are likely to be there again, each with what it is known by.
  const marks = () => [...document.querySelectorAll('main [id], main a[href]')];
  const nameOf = (element) => (element.id ? `#${element.id}` : element.getAttribute('href'));
  // Several links may lead to one place.
  const namedLike = (name) => marks().filter((element) => nameOf(element) === name);

  function isBeingWritten() {
    const at = document.activeElement;
    const fields = [...document.querySelectorAll('input, textarea, select')];
    const isText = (field) => field.matches('textarea, input:not([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio])');
    const isChanged = (field) => {
      if (field.matches('select')) return [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0;
      if (field.matches('[type=checkbox], [type=radio]')) return field.checked !== field.defaultChecked;
      if (field.matches('[type=file]')) return field.files.length > 0;
      return isText(field) && field.value !== field.defaultValue;
    };
    return Boolean(at && (at.isContentEditable || fields.includes(at) && isText(at))) || fields.some(isChanged);
  }

  function reload() {
    // What begins in view: something that only ends there may hold all that changes. At the top one
    // stays at the top, and sees what is new.
    const isInView = (element) => element.getClientRects().length > 0 && element.getBoundingClientRect().top >= 0;
    const mark = scrollY > 0 ? marks().find(isInView) : null;
    const focus = document.activeElement;
    store.set(place, {
      page: location.pathname,
      x: scrollX,
      y: scrollY,
      mark: mark && { name: nameOf(mark), at: namedLike(nameOf(mark)).indexOf(mark), top: mark.getBoundingClientRect().top },
      focus: focus && focus !== document.body ? nameOf(focus) : null,
      open: [...document.querySelectorAll('details')].map((details) => details.open),
    });
    history.scrollRestoration = 'manual';
    location.reload();
  }

  function comeBack() {
    const before = store.take(place);
    if (!before || before.page !== location.pathname) return;
    const details = [...document.querySelectorAll('details')];
    if (details.length === before.open.length) details.forEach((element, at) => { element.open = before.open[at]; });
    if (before.focus) {
      const all = [...document.querySelectorAll('[id], a[href]')];
      all.find((element) => nameOf(element) === before.focus)?.focus({ preventScroll: true });
    }
    const scroll = () => {
      const mark = before.mark && namedLike(before.mark.name)[before.mark.at];
      // At once, also where a theme wants scrolling to be smooth.
      if (mark) scrollBy({ top: mark.getBoundingClientRect().top - before.mark.top, behavior: 'instant' });
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
    source.addEventListener('error', () => {
      stop();
      lost = true;
      // Not for the moment that a new start takes.
      setTimeout(report, 2000);
      timer = setTimeout(listen, wait);
      wait = Math.min(wait * 2, 30000);
    });
  }

  function stop() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  // A browser has few connections to a server, and a hidden page needs none: when it is seen again,
  // it is told how things stand.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop();
    else { wait = 1000; listen(); }
  });
  addEventListener('pagehide', stop);
  addEventListener('pageshow', listen);

  comeBack();
  listen();
})();
