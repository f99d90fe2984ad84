package dev.hindsight.acceptance.chain;

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
