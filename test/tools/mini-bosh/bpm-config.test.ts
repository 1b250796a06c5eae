import { expect } from 'chai';
import { bytesOf } from '../../../tools/mini-bosh/bpm-config.ts';
import { processOf } from './bpm-yml.ts';

describe('bpm.yml of a job', () => {
  it('is read with what bpm takes for granted', () => {
    const read = processOf({ unsafe: { host_pid_namespace: true } });
    expect(read.unsafe).to.deep.equal({ unrestricted_volumes: [], host_pid_namespace: true });
    expect(read.shutdown_signal).to.equal('TERM');
    expect(read.capabilities).to.deep.equal([]);
  });

  const refused: Readonly<Record<string, readonly [object, RegExp]>> = {
    'a key that bpm does not know': [
      { limits: { open_file: 1 } },
      /processes\.0\.limits\.open_file/,
    ],
    'a privileged job': [{ unsafe: { privileged: true } }, /privileged/],
    'a volume outside /var/vcap': [{ additional_volumes: [{ path: '/tmp/x' }] }, /\/tmp\/x/],
    'a volume by a crooked path': [
      { additional_volumes: [{ path: '/var/vcap/data/../x' }] },
      /canonical/,
    ],
    "the job's own directory as a volume": [
      { additional_volumes: [{ path: '/var/vcap/data/rollcall' }] },
      /ephemeral_disk/,
    ],
    'a process of another name': [{ name: 'agent' }, /no process rollcall/],
  };
  for (const [what, [process, message]] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      expect(() => processOf(process)).to.throw(message);
    });
  }

  it('has sizes in binary units', () => {
    expect(bytesOf('256M')).to.equal(268_435_456);
    expect(bytesOf('1G')).to.equal(1_073_741_824);
  });
});
