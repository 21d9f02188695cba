// Makes the forms for writing more pleasant. Without it they are sent all the same.
(() => {
  'use strict';

  const form = document.querySelector('.hb-form');
  if (!form) return;
  const text = form.elements.text;
  const files = form.elements.files;
  const words = form.dataset;
  const key = `handbill writing ${words.kept}`;
  const names = ['text', 'title', 'tags'].filter((name) => form.elements[name]);
  const begun = names.map((name) => form.elements[name].value);
  let sending = false;
  let chosen = false;

  const status = document.createElement('p');
  status.className = 'hb-status';
  status.setAttribute('role', 'status');
  form.querySelector('.hb-buttons')?.before(status);

  // ---- What was typed is kept until it was sent ---------------------------------------------

  const isChanged = () => names.some((name, at) => form.elements[name].value !== begun[at]);

  // Returns whether it is kept now.
  function keep() {
    try {
      if (!isChanged() && !('refused' in words)) {
        localStorage.removeItem(key);
        return true;
      }
      const values = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
      // The last one wins: two tabs with one form are one person.
      const [nonce, version] = [form.elements.nonce.value, form.elements.version?.value];
      localStorage.setItem(key, JSON.stringify({ nonce, version, values }));
      return true;
    } catch {
      return false;
    }
  }

  function restore() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch { /* nothing is kept */ }
    // A form that comes back with a reason has all that was typed.
    if (!kept?.values || 'refused' in words) return;
    for (const name of names) {
      if (typeof kept.values[name] === 'string') form.elements[name].value = kept.values[name];
    }
    if (!isChanged()) return;
    status.textContent = words.writeRestored;
    // What was typed belongs to the version that it began from. If there is another by now, the
    // server shows both.
    if (kept.version && form.elements.version) form.elements.version.value = kept.version;
  }

  if (words.kept && text) {
    restore();
    // It is this form's now: see sent.js.
    keep();
    form.addEventListener('input', keep);
  }

  addEventListener('beforeunload', (event) => {
    if (sending || !text) return;
    if ((isChanged() && !keep()) || chosen) event.preventDefault();
  });

  // ---- The text grows with what is typed -----------------------------------------------------

  if (text && !CSS.supports('field-sizing', 'content')) {
    const grow = () => {
      text.style.height = 'auto';
      text.style.height = `${text.scrollHeight + 2}px`;
    };
    form.addEventListener('input', grow);
    grow();
  }

  // ---- Sending --------------------------------------------------------------------------------

  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('.hb-send'));
  });

  form.addEventListener('submit', (event) => {
    if (event.submitter && 'preview' in event.submitter.dataset) {
      preview(event.submitter);
      return;
    }
    if (sending) {
      event.preventDefault();
      return;
    }
    if (text) keep();
    sending = true;
    if (words.writeSending) status.textContent = words.writeSending;
  });

  // A page that comes back from the history can be sent again.
  addEventListener('pageshow', (event) => {
    if (event.persisted) {
      sending = false;
      status.textContent = '';
    }
  });

  // ---- The preview stands below the form ------------------------------------------------------

  let frame = null;

  function preview(button) {
    if (!frame) {
      const heading = document.createElement('h2');
      heading.id = 'preview';
      heading.textContent = words.writePreview;
      frame = document.createElement('iframe');
      frame.name = 'hb-preview';
      frame.title = words.writePreview;
      frame.className = 'hb-preview';
      form.after(heading, frame);
      // It is as high as what it shows.
      frame.addEventListener('load', () => {
        const root = frame.contentDocument?.documentElement;
        if (root) frame.style.height = `${Math.min(root.scrollHeight, 3000)}px`;
        if (frame.contentWindow.location.href !== 'about:blank') frame.previousElementSibling.scrollIntoView({ block: 'nearest' });
      });
    }
    button.formTarget = frame.name;
  }

  // ---- Files: by picker, dropped, pasted ------------------------------------------------------

  if (!files) return;
  const list = document.createElement('ul');
  list.className = 'hb-files';
  list.setAttribute('aria-label', words.writeFilesChosen);
  list.hidden = true;
  files.closest('.hb-field').append(list);
  let all = [];

  function set(next) {
    const transfer = new DataTransfer();
    for (const file of next) transfer.items.add(file);
    files.files = transfer.files;
    all = [...files.files];
    chosen = all.length > 0;
    list.hidden = !chosen;
    list.replaceChildren(...all.map(line));
  }

  function line(file, at) {
    const item = document.createElement('li');
    const name = document.createElement('bdi');
    name.textContent = file.name;
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.textContent = words.writeRemove;
    remove.setAttribute('aria-label', `${words.writeRemove}: ${file.name}`);
    remove.addEventListener('click', () => {
      set(all.filter((_, other) => other !== at));
      (list.querySelectorAll('button')[Math.min(at, all.length - 1)] ?? files).focus();
    });
    item.append(name, ` ${size(file.size)} `, remove);
    return item;
  }

  function size(bytes) {
    if (bytes < 1000) return `${bytes} B`;
    const units = ['kB', 'MB', 'GB'];
    let value = bytes / 1000;
    while (value >= 1000 && units.length > 1) {
      value /= 1000;
      units.shift();
    }
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[0]}`;
  }

  // The picker gives the files that were chosen last; those from before stay.
  files.addEventListener('change', () => set([...all, ...files.files]));

  const carriesFiles = (event) => [...event.dataTransfer?.types ?? []].includes('Files');
  form.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.add('hb-over');
  });
  form.addEventListener('dragleave', (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove('hb-over');
  });
  form.addEventListener('drop', (event) => {
    form.classList.remove('hb-over');
    if (!carriesFiles(event)) return;
    event.preventDefault();
    set([...all, ...event.dataTransfer.files]);
  });
  form.addEventListener('paste', (event) => {
    const pasted = [...event.clipboardData?.files ?? []];
    if (pasted.length === 0) return;
    event.preventDefault();
    set([...all, ...pasted]);
  });

  // A browser that goes back may have kept the files.
  if (files.files.length > 0) set([...files.files]);
})();
