// Files that are uploaded: by a button, or dropped on the page.

import { address, call } from './api.js';
import { bytes, h, toast } from './dom.js';

/** Uploads to the folder `prefix` of a bucket; `done` is called when all have arrived. */
export function uploader(bucket, prefix, done) {
  const list = h('ul', { class: 'uploads', 'aria-label': 'Uploads' });
  const files = h('input', { type: 'file', multiple: true, class: 'hidden', tabindex: -1, 'aria-label': 'Files to upload' });
  const send = async (all) => {
    // One after another: what is wrong is wrong with one of them.
    for (const file of all) {
      const key = prefix + (file.webkitRelativePath || file.name);
      const bar = h('progress', { max: Math.max(file.size, 1), 'aria-label': `Upload of ${key}` });
      bar.value = 0;
      const line = h('li', {}, h('span', {}, `${key} (${bytes(file.size)})`), bar);
      list.append(line);
      try {
        await call('PUT', address('cos', bucket, key), {
          body: file,
          headers: { 'content-type': file.type || 'application/octet-stream' },
          progress: (sent) => { bar.value = sent; },
        });
        toast(`${key} is stored.`);
      } catch (error) {
        toast(`${key}: ${error.message}`, 'bad');
      } finally {
        line.remove();
      }
    }
    await done();
  };
  files.addEventListener('change', async () => {
    await send([...files.files]).catch((error) => toast(error.message, 'bad'));
    files.value = '';
  });
  const choose = h('button', { type: 'button', class: 'main', on: { click: () => files.click() } }, 'Upload files');
  return { button: h('span', {}, choose, files), list, send };
}

/** Takes files that are dropped anywhere while `root` is shown; what it gives back ends that. */
export function droppable(root, send) {
  const controller = new AbortController();
  const { signal } = controller;
  let depth = 0;
  const mark = (change) => {
    depth = change === 0 ? 0 : Math.max(depth + change, 0);
    root.classList.toggle('dropping', depth > 0);
  };
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  document.addEventListener('dragenter', (event) => hasFiles(event) && mark(1), { signal });
  document.addEventListener('dragleave', (event) => hasFiles(event) && mark(-1), { signal });
  document.addEventListener('dragover', (event) => hasFiles(event) && event.preventDefault(), { signal });
  document.addEventListener('drop', async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(0);
    await send([...event.dataTransfer.files]).catch((error) => toast(error.message, 'bad'));
  }, { signal });
  return () => controller.abort();
}
