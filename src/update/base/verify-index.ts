import { KilnError } from '../../errors.js';
import type { Gate } from '../../gate/gate.js';
import { runCommand } from '../../gate/run-command.js';

/** One message, nothing before or after it, and no header that changes how it is read. */
const CLEARSIGNED =
  /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:Hash: [\w, -]+\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----\r?\n[^-]*-----END PGP SIGNATURE-----\s*$/;
/** What gpgv says of a signature whose key the keyring lacks. An archive signs with its old and its new key. */
const NO_KEY = /^\[GNUPG:\] (ERRSIG( \S+){5} 9( |$)|NO_PUBKEY )/;
const BAD = /^\[GNUPG:\] (BADSIG|ERRSIG|EXPSIG|EXPKEYSIG|REVKEYSIG) /;

/**
 * The text of a clear-signed index of a package archive, once a key of the keyring has signed it and no signature is bad: the
 * rule apt goes by.
 *
 * @throws KilnError UPDATE_FAILED when it is not so; TOOL_MISSING without gpgv
 */
export async function verifyIndex({
  gate,
  keyring,
  url,
  text,
}: {
  gate: Gate;
  keyring: string;
  url: string;
  text: string;
}): Promise<string> {
  const content = CLEARSIGNED.exec(text)?.[1];
  // A line of the text itself that begins so would be escaped: what does is a second message.
  if (content === undefined || /^-----/m.test(content))
    throw notGood(url, keyring, ['it is not one clear-signed text']);
  const lines: string[] = [];
  const command = {
    file: 'gpgv',
    args: ['--status-fd', '2', '--keyring', keyring],
    input: text,
    onLine: (line: string) => void lines.push(line),
    reason: 'check the signature of the package archive',
  };
  try {
    await runCommand(gate, command);
  } catch (error) {
    // A missing key among good ones is status 2 too: what gpgv said decides.
    if (!(error instanceof KilnError) || error.code !== 'COMMAND_FAILED') throw error;
  }
  const isSigned = lines.some((line) => line.startsWith('[GNUPG:] VALIDSIG '));
  if (!isSigned || lines.some((line) => BAD.test(line) && !NO_KEY.test(line)))
    throw notGood(
      url,
      keyring,
      lines.filter((line) => line.startsWith('gpgv: ')),
    );
  return content.replaceAll(/^- /gm, '');
}

function notGood(url: string, keyring: string, lines: readonly string[]): KilnError {
  const said = lines.map((line) => `  ${line}`).join('\n');
  return new KilnError('UPDATE_FAILED', `The signature of ${url} is not good\n${said}`, {
    hint: `Nothing was written. An archive newer than ${keyring} has keys that it lacks: install the newest debian-archive-keyring.`,
  });
}
