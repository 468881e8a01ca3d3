// What a site does with the widget: tells it who is logged in, and when that is over.
'use strict';

const told = document.getElementById('told');

async function login(customer) {
  const answer = await fetch(`proof?user=${customer}`);
  window.sluice?.identify(await answer.json());
}

for (const button of document.querySelectorAll('[data-login]')) {
  button.addEventListener('click', () => login(button.dataset.login));
}
document.querySelector('[data-logout]').addEventListener('click', () => {
  window.sluice?.reset();
  told.textContent = 'You are not logged in.';
});
document.querySelector('[data-open]').addEventListener('click', () => window.sluice?.open());

// The loader comes by itself, and may be here before or after this script.
addEventListener('load', () => {
  window.sluice?.on('identify', (visitor) => {
    told.textContent = `You are ${visitor.name ?? visitor.user_id ?? 'not logged in'}.`;
  });
  window.sluice?.on('unread', (count) => {
    document.title = count ? `(${count}) Lumen Lamps` : 'Lumen Lamps';
  });
});
