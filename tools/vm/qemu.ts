import { credentials, UNIT_KERNEL_ARGUMENT } from './guest.ts';
import type { VmImage } from './image.ts';

export type Accelerator = 'kvm' | 'tcg';

const MEMORY_MIB = 2560;

/** Its clock counts instructions, as at 1 GHz: deadlines hold however slow the machine is. */
const PROCESSOR = {
  kvm: [
    ['-accel', 'kvm'],
    ['-cpu', 'host'],
    ['-smp', '2'],
  ],
  // An old model, because wide registers are slow to emulate.
  tcg: [
    ['-accel', 'tcg'],
    ['-icount', 'shift=0'],
    ['-cpu', 'Nehalem'],
    ['-smp', '1'],
  ],
} as const;

export interface QemuOptions {
  readonly image: VmImage;
  readonly tests: readonly string[];
  readonly accelerator: Accelerator;
  /** Of virtiofsd. */
  readonly socket: string;
  /** The first serial port, to which the kernel and systemd write. */
  readonly bootLog: string;
}

/** The tests write to the second serial port, which is qemu's standard output. */
export function qemuArguments(options: QemuOptions): readonly string[] {
  const { image, tests, accelerator, socket, bootLog } = options;
  const credential = Object.entries(credentials(tests)).map(
    ([name, text]) =>
      `type=11,value=io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`,
  );
  return [
    ...PROCESSOR[accelerator],
    ['-nodefaults', '-no-user-config', '-no-reboot'],
    ['-display', 'none'],
    ['-m', `${MEMORY_MIB}M`],
    // A shared folder needs memory that virtiofsd can map.
    ['-object', `memory-backend-memfd,id=memory,size=${MEMORY_MIB}M,share=on`],
    ['-numa', 'node,memdev=memory'],
    ['-chardev', `socket,id=checkout,path=${escaped(socket)}`],
    ['-device', 'vhost-user-fs-pci,chardev=checkout,tag=checkout'],
    ['-serial', `file:${bootLog}`],
    ['-serial', 'stdio'],
    ['-drive', `if=none,id=disk,format=raw,snapshot=on,file=${escaped(image.disk)}`],
    // The kernel has this driver built in, unlike that of virtio.
    ['-device', 'nvme,drive=disk,serial=disk'],
    ['-kernel', image.kernel],
    ['-append', KERNEL_ARGUMENTS.join(' ')],
    ...credential.map((value) => ['-smbios', value]),
  ].flat();
}

const KERNEL_ARGUMENTS: readonly string[] = [
  'console=ttyS0',
  'root=/dev/nvme0n1',
  'rootfstype=ext4',
  'rw',
  'quiet',
  'panic=-1',
  // With them an emulated processor empties its page table cache at every system call.
  'mitigations=off',
  'systemd.show_status=0',
  UNIT_KERNEL_ARGUMENT,
  // Nobody logs in, and all necessary drivers are loaded before systemd starts.
  'systemd.mask=serial-getty@ttyS0.service',
  'systemd.mask=getty@tty1.service',
  'systemd.mask=systemd-udev-trigger.service',
];

/** A comma ends an option of qemu; two commas stand for one. */
const escaped = (file: string): string => file.replaceAll(',', ',,');

/** What qemu prints if KVM cannot go on; qemu itself does not end. */
export const kvmIsBroken = (stderr: string): boolean => stderr.includes('KVM internal error');
