/* What pages do beyond full loads: keys, dialogs, toasts, focus after a swap. No framework, no
   inline code, nothing newer than Chromium 86. Everything also works without it. */
(function () {
  'use strict';
  function one(s, r) { return (r || document).querySelector(s); }
  function all(s, r) { return Array.prototype.slice.call((r || document).querySelectorAll(s)); }
  function up(el, s) { return el && el.closest ? el.closest(s) : null; }

  /* ---- keys ---- */
  var PLACES = { h: 'home', t: 'review', c: 'cases', b: 'batches', s: 'sources', a: 'alerts' };
  var KEYS = { j: 'next', k: 'previous', '1': 'first', '2': 'second', '3': 'third', '4': 'fourth', '5': 'fifth', '6': 'sixth', u: 'undo', r: 'reveal', n: 'note',
    '/': 'search', e: 'expand', p: 'report', '[': 'before', ']': 'after', '?': 'help', g: 'go' };
  var CHOICES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'], goes = false;
  (document.body.getAttribute('data-shortcuts') || '').split(',').forEach(function (pair) {
    var part = pair.trim().split('=');
    if (part.length !== 2 || part[1].length !== 1) { return; }
    Object.keys(KEYS).forEach(function (k) { if (KEYS[k] === part[0]) { delete KEYS[k]; } });
    KEYS[part[1].toLowerCase()] = part[0];
  });
  function editable(el) {
    return el && (/^(input|select|textarea)$/i.test(el.tagName) && !/^(radio|checkbox|button|submit)$/i.test(el.type || '') || el.isContentEditable);
  }
  /* An input method may report the key "Process": the physical key says which one it was. */
  function name(e) {
    if (e.key && e.key.length === 1 && e.key !== ' ') { return e.key.toLowerCase(); }
    if (/^Key[A-Z]$/.test(e.code)) { return e.code.slice(3).toLowerCase(); }
    if (/^(Digit|Numpad)[0-9]$/.test(e.code)) { return e.code.slice(-1); }
    return e.key;
  }
  function move(step) {
    var list = all('[data-item]'); if (!list.length) { return; }
    var at = list.findIndex(function (x) { return x.hasAttribute('aria-current'); });
    var next = list[Math.max(0, Math.min(list.length - 1, at + step))];
    if (next && next !== list[at]) { next.click(); }
  }
  function choose(n) {
    var radios = all('[data-choices] input[type=radio]'); if (!radios[n]) { return; }
    radios[n].checked = true; radios[n].focus();
    radios[n].dispatchEvent(new Event('change', { bubbles: true }));
  }
  function press(action) {
    var here = up(document.activeElement, 'tr');
    var el = here && one('[data-key="' + action + '"]', here) || one('[data-key="' + action + '"]');
    if (el && !el.disabled) { if (/^(input|select|textarea)$/i.test(el.tagName)) { el.focus(); } else { el.click(); } }
    return !!el;
  }
  document.addEventListener('keydown', function (e) {
    if (e.isComposing || e.keyCode === 229 && e.key !== 'Process' || e.ctrlKey || e.altKey || e.metaKey) { return; }
    if (editable(e.target)) { if (e.key === 'Escape' && e.key !== 'Process') { e.target.blur(); } return; }
    if (!document.body.hasAttribute('data-shortcuts')) { return; }
    var k = name(e), action = KEYS[k];
    if (one('dialog[open]') && action !== 'help') { return; }
    if (goes) {
      goes = false;
      var place = PLACES[k] && one('[data-rail="' + PLACES[k] + '"]');
      if (place) { e.preventDefault(); place.click(); return; }
    }
    if (action === 'go') { goes = true; setTimeout(function () { goes = false; }, 1500); return; }
    if (action === 'next') { move(1); } else if (action === 'previous') { move(-1); }
    else if (CHOICES.indexOf(action) >= 0) { choose(CHOICES.indexOf(action)); }
    else if (action === 'search') { e.preventDefault(); var f = one('#find'); if (f) { f.focus(); } }
    else if (action === 'note') { if (press('note')) { e.preventDefault(); } }
    else if (action === 'help') { open(one('#keys'), document.activeElement); }
    else if (action) { press(action); }
    else if (e.key === 'Enter' && !/^(A|BUTTON|SUMMARY)$/.test(e.target.tagName)) {
      var go = one('[data-key="submit"]');
      if (go && !go.disabled) { e.preventDefault(); go.click(); }
    } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { if (step(e.target, e.key === 'ArrowDown')) { e.preventDefault(); } }
  });
  /* From row to row of the table; where no row has the focus yet, down to the first one. */
  function step(from, down) {
    var row = up(from, 'tr'), free = !row && down && /^(BODY|MAIN|H1)$/.test(from.tagName);
    var links = (row ? all('tr', up(row, 'table')) : free ? all('main tbody tr') : []).map(function (x) {
      return x === row ? x : x.offsetParent && one('tbody th a, tbody td a, tbody th button, tbody td button', x);
    }).filter(Boolean);
    var to = links[row ? links.indexOf(row) + (down ? 1 : -1) : 0];
    if (to) { to.focus(); }
    return !!to;
  }

  /* ---- dialogs ---- */
  function open(dialog, from) {
    if (!dialog || !dialog.showModal || dialog.open) { return; }
    dialog.opener = from; dialog.showModal();
  }
  document.addEventListener('close', function (e) {
    var from = e.target.opener, inside = e.target.hasAttribute('data-emptied') && one('.in-dialog', e.target);
    if (inside) { inside.textContent = ''; }  /* what was revealed in it goes at once */
    if (from && from.isConnected && from.focus) { from.focus(); }
  }, true);
  document.addEventListener('click', function (e) {
    var t = up(e.target, '[data-open]');
    if (t) { e.preventDefault(); open(document.getElementById(t.getAttribute('data-open')), t); return; }
    t = up(e.target, '[data-close]');
    if (t) { up(t, 'dialog').close(); return; }
    t = up(e.target, '[aria-controls][data-expand]');
    if (t) {
      e.preventDefault();
      var shown = t.getAttribute('aria-expanded') === 'true', row = document.getElementById(t.getAttribute('aria-controls'));
      t.setAttribute('aria-expanded', String(!shown)); if (row) { row.hidden = shown; }
      if (up(t, 'tr')) { up(t, 'tr').classList.toggle('open', !shown); }
      return;
    }
    t = up(e.target, '[data-all]');
    if (t) { all('input[name="' + t.getAttribute('data-all') + '"]').forEach(function (x) { x.checked = t.checked; }); }
    t = up(e.target, '[data-alive]');
    if (t) { var asks = up(t, 'dialog'); alive(function () { if (asks.open) { asks.close(); } }); }
    t = up(e.target, '[data-print]');
    if (t) { window.print(); }
  });

  /* ---- toasts, busy, focus ---- */
  var gone = 0;
  function toast(text) {
    var t = one('.toast'); if (!t || !text) { return; }
    t.textContent = text; t.classList.add('on');
    clearTimeout(gone); gone = setTimeout(function () { t.classList.remove('on'); }, 4000);
  }
  document.addEventListener('htmx:beforeRequest', function (e) { e.detail.target.setAttribute('aria-busy', 'true'); });
  document.addEventListener('htmx:afterRequest', function (e) { e.detail.target.removeAttribute('aria-busy'); });
  document.addEventListener('htmx:sendError', function () { var o = one('.offline'); if (o) { o.hidden = false; } });
  document.addEventListener('htmx:afterSwap', function (e) {
    var o = one('.offline'); if (o) { o.hidden = true; }
    if (up(e.detail.target, 'dialog.over')) { open(up(e.detail.target, 'dialog'), e.detail.requestConfig.elt); }
    var to = one('[data-focus]', e.detail.target) || (e.detail.target.hasAttribute('data-focus') ? e.detail.target : null);
    if (to) { to.focus(); }
    said(); wrong(); sync();
  });
  document.addEventListener('htmx:beforeSwap', function (e) {
    /* A refusal is a page too: what was typed stays, what went wrong is shown. */
    if (e.detail.xhr.status >= 400 && e.detail.xhr.status !== 401) { e.detail.shouldSwap = true; e.detail.isError = false; }
  });
  document.addEventListener('signInNeeded', lapsed);
  /* What was refused is read first; once, for parts of the page go on coming. */
  function wrong() {
    var x = viewer && one('main #errors:not([data-told])');
    if (x) { x.setAttribute('data-told', ''); x.focus(); }
  }
  function said() { all('[data-toast]').forEach(function (x) { toast(x.getAttribute('data-toast')); x.removeAttribute('data-toast'); }); }

  /* ---- forms that are complete: the button says so ---- */
  function picked(form, which) {
    return Array.prototype.some.call(form.elements, function (x) { return x.checked && x.matches(which) && !x.hasAttribute('data-submit'); });
  }
  function sync() {
    all('form[data-complete]').forEach(function (form) {
      var go = one('[data-key="submit"]', form); if (!go) { return; }
      var chosen = one('[data-choices] input:checked', form);
      var w = one('[data-words]', go);
      if (w && !w.hasAttribute('data-first')) { w.setAttribute('data-first', w.textContent); }
      if (w) { w.textContent = chosen && chosen.getAttribute('data-submit') || w.getAttribute('data-first'); }
      var note = one('[data-key="note"]', form);
      if (note) { note.required = !!(chosen && chosen.hasAttribute('data-note')) || !!one('option:checked[data-note]', form); }
      all('[data-only]', form).forEach(function (x) { x.hidden = !chosen || x.getAttribute('data-only').split(' ').indexOf(chosen.value) < 0; });
      var proven = !(chosen && chosen.hasAttribute('data-proof')) && !(chosen && chosen.value === 'accept' && picked(form, '[data-proof]'))
        || picked(form, '[name="proof"]') || all('[type="file"]', form).some(function (x) { return x.files.length; });
      if (!proven && w) { w.textContent = form.getAttribute('data-unproven'); }
      go.disabled = !proven || !form.checkValidity();
    });
  }
  document.addEventListener('change', function (e) {
    var picks = e.target.getAttribute && e.target.getAttribute('data-picks'), choice = picks && one('[data-choices] input[value="' + picks + '"]');
    if (choice && !choice.checked) { choice.checked = true; }
    sync();
  });
  document.addEventListener('input', sync);

  /* ---- somebody is there? The session, and what to do once it has ended ---- */
  var FRESH = 60000, WARNED = 60000;
  var idle = 0, heard = Date.now(), asked = null, limit = +document.body.getAttribute('data-idle') * 1000;
  var viewer = document.body.getAttribute('data-viewer');
  function active() {
    clearTimeout(idle); heard = Date.now();
    if (limit) { idle = setTimeout(warn, limit); }
  }
  function warn() { open(one('#idle'), document.activeElement); idle = setTimeout(lapsed, WARNED); }
  function lapsed() {
    var dialog = one('#idle'), from = document.activeElement; clearTimeout(idle); heard = 0;
    if (dialog && dialog.open) { from = dialog.opener; dialog.opener = null; dialog.close(); }
    open(one('#signed-out'), from);
  }
  function offline() { var o = one('.offline'); if (o) { o.hidden = false; } }
  /* What only a session answers: 401 where it is over, 409 where it is another person's now. */
  function call(path, options, then) {
    options.credentials = 'same-origin'; options.headers = { 'HX-Request': 'true', 'Hedui-Viewer': viewer };
    return fetch(path, options).then(function (r) {
      var other = one('[data-other]'); if (other) { other.hidden = r.status !== 409; }
      if (r.redirected || r.status === 401) { lapsed(); return null; }
      active(); return then(r);
    }, offline);
  }
  /* A session that began since has another token: the forms of this page go on with it. */
  function alive(then) {
    call('/ui/alive', {}, function (r) {
      if (r.status === 409) { lapsed(); return null; }
      if (!r.ok) { offline(); return null; }
      return r.text().then(function (token) {
        all('input[name="csrf"]').forEach(function (x) { x.value = token; });
        var o = one('.offline'), dialog = one('#signed-out'); if (o) { o.hidden = true; }
        if (dialog && dialog.open) { dialog.close(); }
        if (then) { then(); }
      });
    });
  }
  function back() { var d = one('#signed-out'); if (d && d.open && !document.hidden) { alive(); } }
  window.addEventListener('focus', back); document.addEventListener('visibilitychange', back);
  /* Nothing that was typed is sent to a session that is over: it would be lost. */
  document.addEventListener('submit', function (e) {
    var form = e.target, by = e.submitter;
    if (!viewer || form === asked || !one('input[name="csrf"]', form) || form.hasAttribute('data-out')) { return; }
    if (form.hasAttribute('hx-post') || by && by.hasAttribute('hx-post') || Date.now() - heard < FRESH) { return; }
    e.preventDefault(); e.stopImmediatePropagation();
    alive(function () { asked = form; form.requestSubmit(by || undefined); asked = null; });
  }, true);
  document.addEventListener('htmx:afterRequest', function (e) { if (e.detail.xhr.status && e.detail.xhr.status !== 401) { active(); } });
  document.addEventListener('submit', active);

  /* ---- an item that is held: kept by activity, let go on leaving ---- */
  var held = one('[data-held]'), stays = false, kept = Date.now();
  function sealed() { var d = new FormData(), c = one('input[name="csrf"]'); d.append('csrf', c ? c.value : ''); return d; }
  function hold() {
    if (!held || Date.now() - kept < 60000) { return; }
    kept = Date.now();
    call(held.getAttribute('data-held') + '/lock', { method: 'POST', body: sealed() }, function (r) {
      if (!r.ok) { toast(held.getAttribute('data-lost')); return null; }
      return r.text().then(function (t) { var l = one('[data-lock-left]'); if (l) { l.textContent = t; } });
    });
  }
  if (held) {
    ['input', 'keydown', 'click'].forEach(function (x) { document.addEventListener(x, hold); });
    document.addEventListener('submit', function () { stays = true; });
    document.addEventListener('click', function (e) { var a = up(e.target, 'a[href]'); if (a) { stays = a.pathname === held.getAttribute('data-held'); } });
    window.addEventListener('pagehide', function () {
      if (!stays && navigator.sendBeacon) { navigator.sendBeacon(held.getAttribute('data-held') + '/release', sealed()); }
    });
  }

  /* ---- what was revealed goes again ---- */
  function hide() {
    all('[data-gone-in]').forEach(function (x) {
      var left = +x.getAttribute('data-gone-in') * 1000; x.removeAttribute('data-gone-in');
      setTimeout(function () { var c = one('[data-covered="' + x.id + '"]'); if (x.parentNode) { x.parentNode.removeChild(x); } if (c) { c.hidden = false; } }, left);
    });
  }
  document.addEventListener('htmx:afterSwap', hide);
  all('[data-foot-print]').forEach(function (x) { x.textContent = location.pathname; });
  hide(); said(); sync(); wrong(); active();
}());
