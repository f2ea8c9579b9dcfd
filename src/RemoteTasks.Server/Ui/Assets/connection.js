// When the connection breaks Blazor tries again by itself; when the daemon does not know this page any more, it is loaded anew.
const id = 'components-reconnect-modal';

async function isSignedIn() {
  try {
    return (await fetch('api2/json/session', { cache: 'no-store' })).status !== 401;
  } catch {
    return true;
  }
}

export function watchConnection() {
  const note = document.getElementById(id);
  note.addEventListener('components-reconnect-state-changed', async event => {
    switch (event.detail.state) {
      case 'show':
        note.showModal();
        break;
      case 'hide':
        note.close();
        break;
      case 'retrying':
        // A session that has ended is no broken connection: signing in leads back here.
        if (!await isSignedIn())
          location.reload();
        break;
      case 'failed':
      case 'rejected':
        location.reload();
        break;
    }
  });
}
