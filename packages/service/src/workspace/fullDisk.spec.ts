import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { join } from 'node:path';

import { ServiceError } from '../serviceError.js';
import { scenarios, SmallDisk } from '../testing/smallDisk.js';
import { writePrivately } from './atomicFile.js';
import { Store } from './store.js';

const names = (store: Store) => store.integrations().map(({ name }) => name);

function assertFailed(
  run: () => unknown,
  home: string,
  what: RegExp,
  fix: RegExp
): void {
  assert.throws(run, error => {
    assert.ok(error instanceof ServiceError, String(error));
    const { failure } = error;
    assert.equal(failure.code, 'storage-failed');
    assert.ok(failure.message.includes(home), failure.message);
    assert.match(failure.message, what);
    assert.match(failure.fix, fix);
    return true;
  });
}

const noTemporaries = (home: string) =>
  assert.deepEqual(
    readdirSync(home).filter(name => name.endsWith('.tmp')),
    []
  );

const big = 'x'.repeat(6_000);

await scenarios(import.meta.url, {
  'a file that does not fit on the disk any more keeps all of its old content':
    () => {
      const disk = new SmallDisk('size=32k');
      const path = join(disk.folder, 'file');
      writePrivately(path, 'old');
      // A write of two blocks would be cut after the first, without an error.
      disk.fill(1);
      assertFailed(
        () => writePrivately(path, 'y'.repeat(8_000)),
        path,
        /the disk is full/,
        /Free some space/
      );
      assert.equal(readFileSync(path, 'utf8'), 'old\n');
      noTemporaries(disk.folder);
    },

  'adding to a full disk leaves nothing behind, and works once there is room':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      const store = new Store(home);
      store.add('postgresql', 'Kept', { host: 'db' }, { password: 'first' });
      // From "nothing fits" to "all but the last file fits".
      for (let blocks = 0; blocks <= 3; blocks++) {
        disk.fill(blocks);
        const vault = readFileSync(join(home, 'vault.json'), 'utf8');
        assertFailed(
          () =>
            store.add('postgresql', 'Lost', { host: big }, { password: big }),
          home,
          /the disk is full/,
          /df -h/
        );
        assert.equal(readFileSync(join(home, 'vault.json'), 'utf8'), vault);
        assert.deepEqual(names(store), ['Kept']);
        assert.deepEqual(names(new Store(home)), ['Kept']);
        disk.makeRoom();
        noTemporaries(home);
      }
      const { id } = store.add(
        'postgresql',
        'Lost',
        {},
        { password: 'second' }
      );
      const reopened = new Store(home);
      assert.deepEqual(names(reopened), ['Kept', 'Lost']);
      assert.deepEqual(reopened.secrets(id), { password: 'second' });
      assert.deepEqual(reopened.problems(), []);
    },

  'changing, connecting and removing on a full disk change nothing': () => {
    const disk = new SmallDisk('size=256k');
    const home = disk.home();
    const store = new Store(home);
    const { id } = store.add(
      'postgresql',
      'Kept',
      { host: 'db' },
      { password: 'first' }
    );
    disk.fill();
    for (const change of [
      () => store.update(id, { name: 'Other' }, { password: 'second' }),
      () => store.setConnected('/project', id, true),
      () => store.remove(id)
    ]) {
      assertFailed(change, home, /the disk is full/, /Free some space/);
      assert.equal(store.find('Kept').id, id);
      assert.deepEqual(store.secrets(id), { password: 'first' });
      assert.equal(store.isConnectedAnywhere(id), false);
    }
    disk.makeRoom();
    store.remove(id);
    assert.deepEqual(new Store(home).vault.names(), []);
  },

  'a workspace that fits but whose last good copy does not is saved all the same, without an old copy':
    () => {
      const disk = new SmallDisk('size=64k');
      const home = disk.home();
      const store = new Store(home);
      store.add('ssh-tunnel', 'One', {}, {});
      // From one block to two: what the old content leaves is not enough for the copy.
      disk.fill(2);
      store.setSetting('big', 'x'.repeat(5_000));
      assert.ok(!existsSync(join(home, 'workspace.json.last-good')));
      disk.makeRoom();
      const reopened = new Store(home);
      assert.equal(reopened.settings().big, 'x'.repeat(5_000));
      assert.deepEqual(reopened.problems(), []);
      assert.ok(existsSync(join(home, 'workspace.json.last-good')));
    },

  'a disk without inodes is said to have none': () => {
    const disk = new SmallDisk('size=256k,nr_inodes=12');
    const home = disk.home();
    const store = new Store(home);
    store.add('postgresql', 'Kept', {}, { password: 'first' });
    const fillers: string[] = [];
    for (let made = true; made;) {
      const filler = join(disk.folder, String(fillers.length));
      try {
        writeFileSync(filler, '');
        fillers.push(filler);
      } catch {
        made = false;
      }
    }
    assertFailed(
      () => store.add('postgresql', 'Lost', {}, { password: 'second' }),
      home,
      /no inodes are left/,
      /df -i/
    );
    fillers.forEach(filler => rmSync(filler));
    store.add('postgresql', 'Lost', {}, { password: 'second' });
    assert.deepEqual(names(new Store(home)), ['Kept', 'Lost']);
  },

  'a read-only file system can be read from, and says what to do when it is written to':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      new Store(home).add('postgresql', 'Kept', {}, { password: 'first' });
      disk.readOnly(true);
      const store = new Store(home);
      assert.deepEqual(names(store), ['Kept']);
      assert.deepEqual(store.secrets(store.find('Kept').id), {
        password: 'first'
      });
      assertFailed(
        () => store.add('postgresql', 'Lost', {}, {}),
        home,
        /the file system is read-only/,
        /UNDERPASS_HOME/
      );
      disk.readOnly(false);
      store.add('postgresql', 'Lost', {}, {});
      assert.deepEqual(names(new Store(home)), ['Kept', 'Lost']);
    },

  'a home that goes away while the service runs is named, and is used again when it is back':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      const store = new Store(home);
      const { id } = store.add('postgresql', 'Kept', {}, { password: 'first' });
      renameSync(home, `${home}-away`);
      assert.deepEqual(names(store), ['Kept']);
      assertFailed(
        () => store.add('postgresql', 'Lost', {}, {}),
        home,
        /its folder is gone/,
        /Put the folder .* back/
      );
      assert.match(store.problems()[0]?.failure.message ?? '', /is gone/);
      renameSync(`${home}-away`, home);
      assert.deepEqual(names(store), ['Kept']);
      assert.deepEqual(store.secrets(id), { password: 'first' });
      assert.deepEqual(store.problems(), []);
      store.add('postgresql', 'Lost', {}, {});
      assert.deepEqual(names(new Store(home)), ['Kept', 'Lost']);
    },

  'where only the workspace can not take its place, the secrets go back to what they were':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      const store = new Store(home);
      const { id } = store.add('postgresql', 'Kept', {}, { password: 'first' });
      const before = store.vault.names();
      disk.pin(join(home, 'workspace.json'));
      assertFailed(
        () => store.add('postgresql', 'Lost', {}, { password: 'second' }),
        home,
        /EBUSY/,
        /is in order/
      );
      assert.deepEqual(store.vault.names(), before);
      assertFailed(
        () => store.update(id, { name: 'Other' }, { password: 'changed' }),
        home,
        /EBUSY/,
        /is in order/
      );
      assert.deepEqual(store.secrets(id), { password: 'first' });
      assert.deepEqual(names(store), ['Kept']);
      // The other way round than elsewhere: what is to be removed does not come back.
      assertFailed(() => store.remove(id), home, /EBUSY/, /is in order/);
      assert.deepEqual(store.vault.names(), []);
      disk.unpin(join(home, 'workspace.json'));
      store.remove(id);
      assert.deepEqual(names(new Store(home)), []);
    },

  'where the vault can not take its place, the workspace does not change':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      const store = new Store(home);
      const { id } = store.add('postgresql', 'Kept', {}, { password: 'first' });
      disk.pin(join(home, 'vault.json'));
      for (const change of [
        () => store.add('postgresql', 'Lost', {}, { password: 'second' }),
        () => store.update(id, { name: 'Other' }, { password: 'changed' }),
        () => store.remove(id)
      ]) {
        assertFailed(change, home, /EBUSY/, /is in order/);
        assert.deepEqual(names(new Store(home)), ['Kept']);
        assert.deepEqual(store.secrets(id), { password: 'first' });
        noTemporaries(home);
      }
    },

  'a damaged file that can not be kept aside is not written over, and the rest of it is used':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      const path = join(home, 'workspace.json');
      const first = new Store(home);
      first.add('postgresql', 'Kept', {}, { password: 'first' });
      const damaged = readFileSync(path, 'utf8').slice(0, -20);
      writeFileSync(path, damaged);
      disk.fill();
      const store = new Store(home);
      assert.deepEqual(names(store), ['Kept']);
      assert.equal(store.problems().length, 1);
      assert.equal(store.problems()[0]?.keptAs, undefined);
      assert.throws(
        () => store.setConnected('/project', store.find('Kept').id, true),
        /could not be written|was damaged/
      );
      assert.equal(readFileSync(path, 'utf8'), damaged);
      disk.makeRoom();
      store.setConnected('/project', store.find('Kept').id, true);
      const [problem] = store.problems();
      assert.equal(readFileSync(problem?.keptAs ?? '', 'utf8'), damaged);
      assert.equal(statSync(problem?.keptAs ?? '').mode & 0o777, 0o600);
      assert.ok(new Store(home).isConnectedAnywhere(store.find('Kept').id));
    },

  'a home in which a folder has the place of the file says so and touches nothing':
    () => {
      const disk = new SmallDisk('size=256k');
      const home = disk.home();
      mkdirSync(join(home, 'workspace.json'));
      const store = new Store(home);
      assert.throws(() => store.integrations(), /can not be read \(EISDIR\)/);
      assert.equal(store.problems().length, 1);
      assert.ok(existsSync(join(home, 'workspace.json')));
    }
});
