package dev.hindsight.model.failpoint;

/** Every step that can be cut, by name. Each is armed by at least one test; {@link Failpoints} says how. */
public enum Failpoint {
    SNAPSHOT_BEFORE("snapshot.before"),
    SNAPSHOT_AFTER("snapshot.after"),
    PLAN_PUT("plan.put"),
    SHARD_FETCHED("shard.fetched"),
    SHARD_SYNTHESISED("shard.synthesised"),
    OBJECT_PUT_BEFORE("object.put.before"),
    OBJECT_PARTS_SENT("object.parts.sent"),
    OBJECT_PUT_AFTER("object.put.after"),
    SHARD_SEAL("shard.seal"),
    MANIFEST_PUT("manifest.put"),
    PUBLISH_BEFORE("publish.before"),
    PUBLISH_AFTER("publish.after"),
    CLAIM_PUT("claim.put"),
    CLAIM_END("claim.end"),
    BEAT_PUT("beat.put"),
    TAKEOVER("takeover"),
    REPARENT_BEFORE("reparent.before"),
    EXPIRE_BEFORE("expire.before"),
    DELETE_BEFORE("delete.before"),
    DELETE_AFTER("delete.after"),
    SNAPSHOT_CLEAR("snapshot.clear"),
    RESTORE_SCHEMA("restore.schema"),
    RESTORE_UPLOADED("restore.uploaded"),
    RESTORE_STAGED("restore.staged"),
    IMPORT_BEFORE("import.before"),
    IMPORT_AFTER("import.after"),
    RESTORE_DONE("restore.done"),
    AGENT_IMPORT("agent.import"),
    AGENT_RECEIVE("agent.receive"),
    CAPTURE_SPOOL("capture.spool"),
    CAPTURE_SPOOLED("capture.spooled"),
    CAPTURE_PUT("capture.put"),
    JOURNAL_BEGIN("journal.begin"),
    SEAL_SEGMENT("seal.segment"),
    SEAL_ENTRY("seal.entry"),
    MERGE_SEGMENT("merge.segment"),
    MERGE_ENTRY("merge.entry"),
    COMPLETE_JOINED("complete.joined"),
    COMPLETE_OBJECT("complete.object"),
    COMPLETE_ENTRY("complete.entry"),
    COLLECT_FENCE("collect.fence"),
    COLLECT_FLOOR("collect.floor");

    private final String text;

    Failpoint(String text) {
        this.text = text;
    }

    /** The name used in {@code HINDSIGHT_FAILPOINTS}. */
    public String text() {
        return text;
    }
}
