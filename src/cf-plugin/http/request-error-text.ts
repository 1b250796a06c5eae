import { oneLine } from '../../model/text.ts';
import type { RequestError } from './request-error.ts';

const MAX_QUOTE = 160;

/** What went wrong with a request, to stand behind the name of the server: `does not answer within 12 s`. */
export function requestErrorText(trouble: RequestError): string {
  switch (trouble.kind) {
    case 'timeout':
      return `does not answer within ${trouble.seconds} s`;
    case 'unreachable':
      return `cannot be reached (${oneLine(trouble.code, 60)})`;
    case 'certificate':
      return `has a certificate that is not trusted (${oneLine(trouble.code, 60)})`;
    case 'status': {
      const said = oneLine(trouble.said.trim(), MAX_QUOTE);
      return `answers ${trouble.status}${said === '' ? ' with an empty body' : `: ${said}`}`;
    }
    case 'cut-short':
      return 'broke off in the middle of its answer';
    case 'too-large':
      return 'gives an answer that is too large';
    case 'not-json':
      return 'gives an answer that is no JSON';
    case 'wrong-shape':
      return `gives an answer of another form than expected (at ${oneLine(trouble.where, 80)})`;
    default:
      return trouble satisfies never;
  }
}
