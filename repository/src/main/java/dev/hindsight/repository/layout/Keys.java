package dev.hindsight.repository.layout;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.schema.TableName;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of a repository's objects. Pure text; every key it gives is valid for every store.
 *
 * <pre>
 *   repository.json
 *   catalog/(n, 16 digits).json
 *   backups/(backup)/plan.json, plan-(number, 16 digits).json, manifest.json, chain.json, chain-(claim, 16 digits).json,
 *       shards/(shard, 6 digits).json
 *   data/(keyspace)/(table)-(table id without dashes)/(backup)/(shard, 6 digits)-(attempt)/(component file)
 *   restores/(restore)/plan.json, steps/(step).json
 *   runs/(claim, 16 digits)/beat-(number, 6 digits or more).json
 *   captures/(host id)/(incarnation)/(number, 12 digits)
 *   journal/(keyspace)/(table)-(table id without dashes)/log/(number, 12 digits).json
 *   journal/(keyspace)/(table)-(table id without dashes)/segments/(id, 32 hex digits)
 *   journal/(keyspace)/(table)-(table id without dashes)/before/(id, 32 hex digits)
 *   journal/(keyspace)/(table)-(table id without dashes)/floor/(number, 12 digits).json
 *   floors/(number, 12 digits).json
 * </pre>
 */
public final class Keys {
    public static final String REPOSITORY = "repository.json";
    public static final String CATALOGUE = "catalog/";
    public static final String BACKUPS = "backups/";
    public static final String DATA = "data/";
    public static final String RESTORES = "restores/";
    public static final String RUNS = "runs/";
    public static final String CAPTURES = "captures/";
    public static final String JOURNAL = "journal/";
    public static final String FLOORS = "floors/";

    private static final Pattern ENTRY = Pattern.compile("catalog/([0-9]{16})\\.json");
    private static final Pattern MANIFEST = Pattern.compile("backups/([A-Za-z0-9-]+)/manifest\\.json");
    private static final Pattern SHARD_MANIFEST =
            Pattern.compile("backups/([A-Za-z0-9][A-Za-z0-9-]{0,63})/shards/([0-9]{6,9})\\.json");
    private static final Pattern CAPTURE = Pattern.compile(
            "captures/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([0-9]{13}-[0-9a-f]{8})/([0-9]{12})");
    private static final Pattern ATTEMPT = Pattern.compile("[A-Za-z0-9]{1,40}");

    private Keys() {}

    /** A shard of the backup (or other run) that stored it. */
    public record ShardKey(String backup, int number) {}

    /** One object of what an agent has captured. */
    public record CaptureKey(UUID hostId, Incarnation incarnation, long number) {}

    public static String catalogueEntry(long number) {
        if (number < 1 || number > 9_999_999_999_999_999L) {
            throw new IllegalArgumentException("catalogue entries are numbered from 1: " + number);
        }
        return String.format(Locale.ROOT, "catalog/%016d.json", number);
    }

    /** The number of a catalogue entry's key; empty for any other key. */
    public static OptionalLong entryNumber(String key) {
        Matcher matcher = ENTRY.matcher(key);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    public static String backupPlan(String backup) {
        return BACKUPS + BackupIds.require(backup) + "/plan.json";
    }

    /**
     * A plan that takes the place of the one before it while the backup runs.
     *
     * @param number dense from 1
     */
    public static String laterPlan(String backup, long number) {
        return BACKUPS + BackupIds.require(backup) + String.format(Locale.ROOT, "/plan-%016d.json", number);
    }

    public static String backupManifest(String backup) {
        return BACKUPS + BackupIds.require(backup) + "/manifest.json";
    }

    /** What a chain has seen of the cluster, up to this backup. */
    public static String chainState(String backup) {
        return BACKUPS + BackupIds.require(backup) + "/chain.json";
    }

    /**
     * The same, where another process of the run has noted there what does not fit the shards of this one.
     *
     * @param claim number of the claim of the process
     */
    public static String laterChainState(String backup, long claim) {
        return BACKUPS + BackupIds.require(backup) + String.format(Locale.ROOT, "/chain-%016d.json", claim);
    }

    /** @param claim number of the catalogue entry that claims */
    public static String heartbeat(long claim, long number) {
        return heartbeats(claim) + String.format(Locale.ROOT, "beat-%06d.json", number);
    }

    /** What all heartbeats of one claim start with. */
    public static String heartbeats(long claim) {
        return RUNS + String.format(Locale.ROOT, "%016d/", claim);
    }

    /** The backup of a manifest's key; empty text for any other key. */
    public static String backupOfManifest(String key) {
        Matcher matcher = MANIFEST.matcher(key);
        return matcher.matches() ? matcher.group(1) : "";
    }

    public static String shardManifest(String backup, int shard) {
        return shardManifests(backup) + shardNumber(shard) + ".json";
    }

    /** Which shard's manifest a key names; empty for any other key. */
    public static Optional<ShardKey> shardOfManifest(String key) {
        Matcher matcher = SHARD_MANIFEST.matcher(key);
        return matcher.matches()
                ? Optional.of(new ShardKey(matcher.group(1), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /** What all shard manifests of a backup start with. */
    public static String shardManifests(String backup) {
        return BACKUPS + BackupIds.require(backup) + "/shards/";
    }

    /** What all objects of one table start with, whichever backup. */
    public static String table(TableName table, UUID tableId) {
        return DATA + escape(table.keyspace()) + "/" + escape(table.table()) + "-"
                + tableId.toString().replace("-", "") + "/";
    }

    /**
     * What all components of one attempt at a shard start with; the component's file name follows.
     *
     * @param attempt unique to the attempt, of {@code [A-Za-z0-9]}: two attempts never share an object
     */
    public static String attempt(TableName table, UUID tableId, String backup, int shard, String attempt) {
        if (!ATTEMPT.matcher(attempt).matches()) {
            throw new IllegalArgumentException("attempt '" + attempt + "' is not of [A-Za-z0-9]{1,40}");
        }
        return table(table, tableId) + BackupIds.require(backup) + "/" + shardNumber(shard) + "-" + attempt + "/";
    }

    public static String component(
            TableName table, UUID tableId, String backup, int shard, String attempt, String fileName) {
        return attempt(table, tableId, backup, shard, attempt) + fileName;
    }

    /** @param number dense from 0 */
    public static String capture(UUID hostId, Incarnation incarnation, long number) {
        if (number < 0 || number > 999_999_999_999L) {
            throw new IllegalArgumentException("captures are numbered from 0: " + number);
        }
        return captures(hostId) + incarnation.text() + "/" + String.format(Locale.ROOT, "%012d", number);
    }

    /** What everything that a node's agent captured starts with. */
    public static String captures(UUID hostId) {
        return CAPTURES + hostId + "/";
    }

    /** Which capture a key names; empty for any other key. */
    public static Optional<CaptureKey> captureOf(String key) {
        Matcher matcher = CAPTURE.matcher(key);
        return matcher.matches()
                ? Incarnation.parse(matcher.group(2))
                        .map(incarnation -> new CaptureKey(
                                UUID.fromString(matcher.group(1)), incarnation, Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }

    /** What everything of one table's journal starts with. */
    public static String journal(TableName table, UUID tableId) {
        return JOURNAL + escape(table.keyspace()) + "/" + escape(table.table()) + "-" + hex(tableId) + "/";
    }

    /** @param number dense from 1 */
    public static String journalEntry(TableName table, UUID tableId, long number) {
        if (number < 1 || number > 999_999_999_999L) {
            throw new IllegalArgumentException("entries of a journal are numbered from 1: " + number);
        }
        return journal(table, tableId) + "log/" + String.format(Locale.ROOT, "%012d.json", number);
    }

    public static String journalSegment(TableName table, UUID tableId, UUID segmentId) {
        return journal(table, tableId) + "segments/" + hex(segmentId);
    }

    public static String beforeValues(TableName table, UUID tableId, UUID id) {
        return journal(table, tableId) + "before/" + hex(id);
    }

    /** @param number dense from 1 */
    public static String journalFloor(TableName table, UUID tableId, long number) {
        return journal(table, tableId) + "floor/" + numbered(number);
    }

    /** @param number dense from 1 */
    public static String captureFloors(long number) {
        return FLOORS + numbered(number);
    }

    private static String numbered(long number) {
        if (number < 1 || number > 999_999_999_999L) {
            throw new IllegalArgumentException("floors are numbered from 1: " + number);
        }
        return String.format(Locale.ROOT, "%012d.json", number);
    }

    private static String hex(UUID id) {
        return id.toString().replace("-", "");
    }

    public static String restorePlan(String restore) {
        return RESTORES + BackupIds.require(restore) + "/plan.json";
    }

    /** @param step any text; what a key cannot hold is escaped */
    public static String restoreStep(String restore, String step) {
        return restoreSteps(restore) + escapePart(step, "-.") + ".json";
    }

    public static String restoreSteps(String restore) {
        return RESTORES + BackupIds.require(restore) + "/steps/";
    }

    /**
     * A name as a part of a key: itself if it is of {@code [A-Za-z0-9_]}, as Cassandra's names are; else each other UTF-8
     * byte becomes {@code =} and two hex digits, so that different names stay different.
     */
    public static String escape(String name) {
        return escapePart(name, "");
    }

    private static String escapePart(String name, String alsoPlain) {
        if (name.isEmpty()) {
            throw new UsageException("an empty name has no key", "name the keyspace, table or step");
        }
        StringBuilder out = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 0x80 && (isAsciiLetterOrDigit(c) || c == '_' || alsoPlain.indexOf(c) >= 0);
            if (plain && !(c == '.' && out.length() == 0)) {
                out.append(c);
            } else {
                out.append(String.format(Locale.ROOT, "=%02x", (int) c));
            }
        }
        return out.toString();
    }

    private static boolean isAsciiLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static String shardNumber(int shard) {
        if (shard < 0) {
            throw new IllegalArgumentException("shard number " + shard + " is negative");
        }
        return String.format(Locale.ROOT, "%06d", shard);
    }
}
