(function () {
  var root = document.documentElement;
  function store(key, value) { try { if (value === undefined) { return localStorage.getItem(key); } localStorage.setItem(key, value); } catch (e) { return null; } }
  var theme = document.getElementById('theme');
  if (store('theme')) { root.setAttribute('data-theme', store('theme')); }
  theme.hidden = false;
  theme.addEventListener('click', function () {
    var dark = root.getAttribute('data-theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    var next = dark === 'dark' ? 'light' : 'dark';
    root.setAttribute('data-theme', next);
    store('theme', next);
  });
  document.querySelectorAll('.answers').forEach(function (box) {
    var form = box.querySelector('.controls'), find = form.querySelector('input'), sort = form.querySelector('select');
    var count = form.querySelector('.count'), most = Number(box.dataset.shown), all = false;
    var cards = Array.from(box.querySelectorAll('.card')).map(function (card) {
      return { card: card, order: Number(card.dataset.order), values: JSON.parse(card.dataset.values), text: card.textContent.toLowerCase() };
    });
    var more = document.createElement('button');
    more.type = 'button';
    box.appendChild(more);
    function value(card) {
      var parts = sort.value.split(':');
      if (parts[0] === 'gain') {
        var a = card.values[parts[1]], b = card.values[parts[2]];
        return a === null || b === null ? Infinity : b - a;
      }
      if (parts[0] === 'spread') {
        var known = card.values.filter(function (v) { return v !== null; });
        return known.length ? Math.min.apply(null, known) - Math.max.apply(null, known) : Infinity;
      }
      return card.order;
    }
    function show() {
      var wanted = find.value.trim().toLowerCase();
      var found = cards.filter(function (c) { return c.text.indexOf(wanted) >= 0; });
      found.sort(function (a, b) { return value(a) - value(b) || a.order - b.order; });
      cards.forEach(function (c) { c.card.hidden = true; });
      found.forEach(function (c, i) { c.card.hidden = !all && i >= most; box.insertBefore(c.card, more); });
      var shown = all ? found.length : Math.min(most, found.length);
      count.textContent = shown + ' of ' + cards.length + ' prompts';
      more.hidden = shown === found.length;
      more.textContent = 'show all ' + found.length;
    }
    more.addEventListener('click', function () { all = true; show(); });
    find.addEventListener('input', show);
    sort.addEventListener('change', show);
    form.addEventListener('submit', function (event) { event.preventDefault(); });
    form.hidden = false;
    show();
  });
  function open() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var up = target; up; up = up.parentElement) { if (up.tagName === 'DETAILS') { up.open = true; } }
  }
  addEventListener('hashchange', open);
  open();
})();
