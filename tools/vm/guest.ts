import { NODE } from './requirements.ts';

const CLOCK_SECONDS = 5;
/** Where the checkout is in the machine. */
const CHECKOUT = '/checkout';
const UNIT = 'rollcall-vm.service';

/** Set on a machine that is discarded afterwards, so that a test may change anything. */
export const VM_VARIABLE = 'ROLLCALL_VM';

/** Marks a line of the machine itself, on the port to which the tests write. */
const MARK = '@vm ';
const UP = `${MARK}up`;
const CLOCK = `${MARK}clock `;
const ENDED = `${MARK}exit `;

export type GuestLine =
  | { readonly kind: 'up' }
  | { readonly kind: 'clock'; readonly seconds: number }
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'text'; readonly text: string };

/** Parses a line of the second serial port. */
export function guestLine(line: string): GuestLine {
  if (line === UP) return { kind: 'up' };
  const number = (mark: string): number | null =>
    line.startsWith(mark) && /^\d+$/.test(line.slice(mark.length))
      ? Number(line.slice(mark.length))
      : null;
  const seconds = number(CLOCK);
  if (seconds !== null) return { kind: 'clock', seconds };
  const exitCode = number(ENDED);
  return exitCode === null ? { kind: 'text', text: line } : { kind: 'ended', exitCode };
}

/**
 * What the machine gets in addition to its image, so that the image contains only Debian's
 * packages: a unit and its script, as systemd credentials.
 * @see systemd.system-credentials(7), systemd.extra-unit.*
 */
export function credentials(tests: readonly string[]): Readonly<Record<string, string>> {
  return { [`systemd.extra-unit.${UNIT}`]: unit, 'rollcall.script': script(tests) };
}

export const UNIT_KERNEL_ARGUMENT = `systemd.wants=${UNIT}`;

/** The machine ends whatever happens to the script. */
const unit = `[Unit]
Description=Tests of rollcall
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ImportCredential=rollcall.*
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
ExecStart=/bin/sh %d/rollcall.script
ExecStopPost=/bin/systemctl poweroff --force --force
`;

/**
 * Tests write to an overlay of the checkout, for example the bundle that they build. The script
 * runs in a scope of its own, like the session of an operator. The clock shows that the machine is
 * alive: on an emulated processor that is shared with others one test may take half an hour.
 */
const script = (tests: readonly string[]): string => `
stty -F /dev/ttyS1 -opost
echo '${UP}'
while sleep ${CLOCK_SECONDS}; do read -r up idle </proc/uptime; echo "${CLOCK}\${up%.*}"; done &
must() { "$@" || { echo "failed: $*"; echo '${ENDED}2'; exit 2; }; }
must mkdir -p /run/below /run/layer ${CHECKOUT}
must mount -t virtiofs -o ro checkout /run/below
must mount -t tmpfs layer /run/layer
must mkdir /run/layer/upper /run/layer/work
must mount -t overlay -o lowerdir=/run/below,upperdir=/run/layer/upper,workdir=/run/layer/work \\
  checkout ${CHECKOUT}
must cd ${CHECKOUT}
export ${VM_VARIABLE}=yes
# Through a pipe, because on a terminal the progress would overwrite its own line.
{
  systemd-run --quiet --scope --slice=user-0.slice --unit=session-1.scope -- \\
    ${NODE} tools/vm/run-tests.ts ${tests.map(quoted).join(' ')} </dev/null
  echo "${ENDED}$?"
} 2>&1 | cat
`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
