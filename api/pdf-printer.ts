import { OrdealError } from '../domain/failures.ts';
import { printPdf } from '../runtime/pdf/print-pdf.ts';

/** Prints pages as PDF, or says what is missing to do so. */
export interface PdfPrinter {
  print(page: string): Promise<Buffer>;
}

/** One is printed at a time, since a browser takes a core and much memory; so many may wait. */
const maxWaiting = 4;
const retryAfterSeconds = 10;

/** Prints with this Chromium; undefined where the machine has none. */
export function createPdfPrinter(chromium: string | undefined): PdfPrinter {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    print: async (page) => {
      if (chromium === undefined) {
        throw new OrdealError(
          'pdf_unavailable',
          'The PDF could not be made: the API found no Chromium. Install it there (on Debian: apt-get install chromium) or set CHROMIUM_PATH; or take ' +
            'the HTML report, which prints well from any browser.',
        );
      }
      if (waiting >= maxWaiting) throw new OrdealError('overloaded', 'Enough reports are being printed already.', { retryAfterSeconds });
      waiting += 1;
      const printed = last.then(() => printPdf(page, { chromium }));
      last = printed.catch(() => undefined);
      return printed.finally(() => (waiting -= 1));
    },
  };
}
