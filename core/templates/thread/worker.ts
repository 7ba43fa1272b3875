/** The thread that renders Liquid or compiles MJML; what it needs for either is loaded when it is first asked. */
import { parentPort } from 'node:worker_threads';
import { assertNever, messageOf } from '../../model/app-error.ts';
import { giveWay } from '../../thread-priority.ts';
import type { TemplateRequest, TemplateThreadAnswer, TemplateWork } from './requests.ts';

const port = parentPort;
if (port !== null) {
  giveWay();
  const answer = (value: TemplateThreadAnswer): void => port.postMessage(value);
  port.on('message', ({ id, request }: { readonly id: number; readonly request: TemplateRequest }) => {
    work(request).then(
      (value) => answer({ id, ok: true, value }),
      (error: unknown) => answer({ id, ok: false, message: messageOf(error) }),
    );
  });
  answer({ loaded: true });
}

async function work(request: TemplateRequest): Promise<TemplateWork[keyof TemplateWork]['answer']> {
  switch (request.kind) {
    case 'compile': {
      const { compile } = await import('./compile.ts');
      return compile(request);
    }
    case 'render': {
      const { render } = await import('./render.ts');
      return render(request);
    }
    case 'analyze': {
      const { analyzeTexts } = await import('./analyze.ts');
      return analyzeTexts(request);
    }
    case 'view': {
      const { parseHtml, viewOf } = await import('../../inspect/html.ts');
      return viewOf(parseHtml(request.html), { inline: () => null, remote: () => null, dark: request.dark });
    }
    default:
      return assertNever(request);
  }
}
