package dev.hindsight.trials.chain;

import dev.hindsight.operations.backup.BackupRequest;
import java.util.SplittableRandom;

/** What Hindsight is asked to do. */
enum Verb {
    BACKUP {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.backup(BackupRequest.Kind.AUTO);
            return true;
        }
    },
    BACKUP_FULL {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.backup(BackupRequest.Kind.FULL);
            return true;
        }
    },
    REBASE {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.rebase(random);
            return true;
        }

        @Override
        boolean changesOthers() {
            return true;
        }
    },
    EXPIRE {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.expire(random);
            return true;
        }

        @Override
        boolean changesOthers() {
            return true;
        }
    },
    COLLECT {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.collect();
            return true;
        }

        @Override
        boolean changesOthers() {
            return true;
        }
    },
    EXPORT {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.exportAny(random);
            return true;
        }
    },
    RESTORE {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            rig.restoreAny(random);
            return true;
        }
    },
    VERIFY {
        @Override
        boolean run(ChainRig rig, SplittableRandom random) {
            return rig.verify().good();
        }
    };

    /** False when it found something wrong. */
    abstract boolean run(ChainRig rig, SplittableRandom random);

    /** Whether other backups than its own might be changed by it. */
    boolean changesOthers() {
        return false;
    }
}
