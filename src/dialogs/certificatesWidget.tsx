import type { WidgetProps } from '@rjsf/utils';
import type { CertificateDescription, Failure } from '@underpass/protocol';
import * as React from 'react';

import { asFailure } from '../failures';
import type { IFormContext } from './fieldTemplate';
import { TextArea } from './textArea';

/** Milliseconds that somebody who types is given. */
const pause = 300;
/** Bytes of a file; the server takes a megabyte in all. */
const longest = 512 * 1024;

interface IDescribed {
  /** What was described. */
  text: string;
  certificates: readonly CertificateDescription[];
  failure: Failure | null;
  /** Name of the file that was refused. */
  file?: string;
}

const nothing: IDescribed = { text: '', certificates: [], failure: null };

/** Certificates, pasted or from a file, and what the service reads in them. */
export function CertificatesWidget(props: WidgetProps): JSX.Element {
  const { id, options, onChange } = props;
  const { model, trans } = props.formContext as IFormContext;
  const purpose = options.purpose as 'ca' | 'client';
  const text = typeof props.value === 'string' ? props.value : '';
  const [described, setDescribed] = React.useState<IDescribed>(nothing);
  const chooser = React.useRef<HTMLInputElement>(null);
  const isFirst = React.useRef(true);

  React.useEffect(() => {
    if (text === described.text) {
      return;
    }
    let isOver = false;
    const describe = async () => {
      const found = await read({ text });
      if (!isOver) {
        setDescribed({ ...found, text });
      }
    };
    const timer = window.setTimeout(
      () => void (text.trim() === '' ? setDescribed(nothing) : describe()),
      isFirst.current ? 0 : pause
    );
    isFirst.current = false;
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [text, described.text]);

  async function read(
    content: { text: string } | { base64: string }
  ): Promise<Omit<IDescribed, 'text'> & { pem: string | null }> {
    try {
      const { pem, certificates } = await model.request(
        'underpass/certificates/describe',
        { content, purpose }
      );
      return { pem, certificates, failure: null };
    } catch (error) {
      return {
        pem: null,
        certificates: [],
        failure: asFailure(error, trans)
      };
    }
  }

  async function take(file: File): Promise<void> {
    if (file.size > longest) {
      setDescribed({
        ...described,
        file: file.name,
        failure: {
          code: 'invalid-field',
          stage: 'request',
          message: trans.__('The file is too long for certificates.'),
          fix: trans.__('Choose another one.')
        }
      });
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    const found = await read({ base64: base64(bytes) });
    if (found.pem === null) {
      // What was there before stays.
      setDescribed({ ...described, failure: found.failure, file: file.name });
    } else {
      setDescribed({ ...found, text: found.pem });
      onChange(found.pem);
    }
  }

  const { certificates, failure, file } = described;
  return (
    <div className="jp-Underpass-certificates">
      <TextArea {...props} options={{ ...options, rows: 4 }} />
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".pem,.crt,.cer,.der,.ca-bundle"
        aria-label={trans.__('File of %1', props.label)}
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          // So that the same file can be chosen again.
          target.value = '';
          if (chosen) {
            void take(chosen);
          }
        }}
      />
      <button
        type="button"
        className="jp-Underpass-link"
        onClick={() => chooser.current?.click()}
      >
        {trans.__('Choose a file…')}
      </button>
      {failure && (
        <div
          className="jp-Underpass-fieldError"
          role="alert"
          id={`${id}__read`}
        >
          {file === undefined ? '' : `${file}: `}
          {failure.message} {failure.fix}
        </div>
      )}
      {certificates.length > 0 && (
        <ul aria-label={trans.__('Certificates')} role="status">
          {certificates.slice(0, 5).map((certificate, index) => (
            <li key={index}>
              <Certificate certificate={certificate} trans={trans} />
            </li>
          ))}
          {certificates.length > 5 && (
            <li>
              {trans._n(
                'And %1 more.',
                'And %1 more.',
                certificates.length - 5
              )}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

function Certificate(props: {
  certificate: CertificateDescription;
  trans: IFormContext['trans'];
}): JSX.Element {
  const { certificate, trans } = props;
  const { subject, issuer, until, warnings } = certificate;
  return (
    <>
      <strong>{subject}</strong>
      <div className="jp-Underpass-fieldHint">
        {subject === issuer
          ? trans.__('Issued by itself.')
          : trans.__('Issued by %1.', issuer)}{' '}
        {trans.__('Expires on %1.', until.slice(0, 10))}
      </div>
      {warnings.map(warning => (
        <div key={warning} className="jp-Underpass-warning">
          {warning}
        </div>
      ))}
    </>
  );
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}
