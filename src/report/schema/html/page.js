
(() => {
  const form = document.getElementById('filter');
  if (!form) return;
  form.hidden = false;
  const words = document.getElementById('words'), rule = document.getElementById('rule');
  const shown = document.getElementById('shown');
  const articles = [...document.querySelectorAll('article')].map(it => [it, it.textContent.toLowerCase()]);
  const places = [...document.querySelectorAll('main > details')].filter(it => it.querySelector('article'));
  const apply = () => {
    const levels = new Set([...form.querySelectorAll('input:checked')].map(it => it.value));
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [it, text] of articles) {
      const place = it.parentElement.firstElementChild.textContent.toLowerCase();
      it.hidden = !levels.has(it.dataset.level) || (rule.value && it.dataset.rule !== rule.value)
        || !wanted.every(word => text.includes(word) || place.includes(word));
      count += it.hidden ? 0 : 1;
    }
    for (const it of places) it.hidden = !it.querySelector('article:not([hidden])');
    shown.textContent = `${count} of ${articles.length} shown`;
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', event => event.preventDefault());
  apply();
})();
