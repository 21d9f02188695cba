// Forgets what was kept of a form once it was sent: the server led here with the form's own word.
(() => {
  'use strict';

  const address = new URL(location.href);
  const sent = address.searchParams.get('sent');
  if (!sent) return;
  address.searchParams.delete('sent');
  history.replaceState(history.state, '', address);
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith('handbill writing ')) continue;
      if (JSON.parse(localStorage.getItem(key))?.nonce === sent) localStorage.removeItem(key);
    }
  } catch { /* Storage is forbidden: then nothing was kept. */ }
})();
