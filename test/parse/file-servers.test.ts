import { expect } from 'chai';
import { fileServersIn } from '../../src/parse/file-servers.ts';

const line = (device: string, type: string): string =>
  `36 35 ${device} / /mnt rw,nosuid shared:1 - ${type} server:/export rw\n`;

describe('the file servers of a mount table', () => {
  it('are each NFS volume and each FUSE connection, by the name of its directory', () => {
    const table = [
      line('0:50', 'overlay'),
      line('0:51', 'nfs4'),
      line('0:52', 'nfs'),
      line('0:51', 'nfs4'),
      line('0:57', 'fuse'),
      line('0:58', 'fuse.sshfs'),
      line('0:57', 'fuse'),
      line('0:59', 'fusectl'),
      line('0:60', 'nfsd'),
    ].join('');
    expect(fileServersIn(table)).to.deep.equal([
      { kind: 'nfs', minor: 51 },
      { kind: 'nfs', minor: 52 },
      { kind: 'fuse', connection: 57 },
      { kind: 'fuse', connection: 58 },
    ]);
  });

  it('name the connection of a FUSE file system on a disk by its whole device number', () => {
    expect(fileServersIn(line('254:1', 'fuseblk'))).to.deep.equal([
      { kind: 'fuse', connection: 266_338_305 },
    ]);
  });

  it('are not in a line that is cut, and are at most five', () => {
    expect(fileServersIn(line('0:57', 'fuse').slice(0, -1))).to.deep.equal([]);
    expect(fileServersIn('')).to.deep.equal([]);
    const many = Array.from({ length: 9 }, (_, n) => line(`0:${n}`, 'fuse'));
    expect(fileServersIn(many.join(''))).to.have.lengthOf(5);
  });

  it('cannot be named by a mount point or a source', () => {
    const posing = '36 35 0:50 / /a\\040-\\040fuse rw - ext4 fuse rw,fuse.sshfs\n';
    expect(fileServersIn(posing)).to.deep.equal([]);
  });
});
