package dev.hindsight.repository.document;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code journal/<keyspace>/<table>-<table id>/log/<n>.json}: one step of a table's journal. What it says of the journal's
 * state (watermark, last number, schemas, what was consumed) is complete: the newest entry is enough to go on from.
 *
 * <p>All instants are microseconds since 1970, UTC.
 *
 * @param number dense from 1
 * @param previous digest of the previous entry's bytes; {@code none} for number 1
 * @param writer who wrote this, for people
 * @param watermarkMicros the instants of all records up to here are below it, those of all later records are not
 * @param lastNumber of the records up to here; 0 for none
 * @param truncatedMicros of the last TRUNCATE up to here: what was there before it and comes later is no record
 * @param schemas all versions of the schema so far, the newest last; never empty
 * @param definitions of those versions that begin with this entry
 * @param segments the records that this entry adds; segments of one entry may have numbers between each other's
 * @param consumed of each incarnation of each host's capture, what the journal has taken in
 * @param whole stretches in which hosts' captures were without a hole, as far as this entry knows more than the one before
 * @param gaps what is known to be missing, that this entry learnt of
 * @param events that this entry learnt of
 * @param spreadMicros not there for 0: the widest interval in which a host that counts observed a change of the instants of
 *     this entry; so far, and the time that a write takes to become readable, an instant may be off
 * @param owners who replicated the table when this was written, as far as somebody who could see it has told
 * @param ended why there will be no more records; entries that come behind it repeat it
 * @param checkpoint number of the newest entry before this one that has a {@code state}; not there: all are to be read
 * @param upkeep only of an entry that adds no record: what it takes out of the journal, or puts in other segments
 * @param state what this entry and all before it come to; nobody needs those before it to know the journal
 * @param completed only of an entry that adds no record: of which records it stored what was before them
 */
public record JournalEntry(
        int format,
        long number,
        String previous,
        Instant at,
        String writer,
        TableName table,
        UUID tableId,
        long watermarkMicros,
        long lastNumber,
        Optional<Long> truncatedMicros,
        List<SchemaVersion> schemas,
        List<Definition> definitions,
        List<Segment> segments,
        List<Consumed> consumed,
        List<Whole> whole,
        List<Gap> gaps,
        List<Event> events,
        Optional<Long> spreadMicros,
        Optional<Owners> owners,
        Optional<String> ended,
        Optional<Long> checkpoint,
        Optional<Upkeep> upkeep,
        Optional<JournalState> state,
        Optional<Completion> completed) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 3;

    /** Of entry 1. */
    public static final String NO_PREVIOUS = "none";

    public JournalEntry {
        schemas = List.copyOf(schemas);
        definitions = List.copyOf(definitions);
        segments = List.copyOf(segments);
        consumed = List.copyOf(consumed);
        whole = List.copyOf(whole);
        gaps = List.copyOf(gaps);
        events = List.copyOf(events);
    }

    /** An entry of a sealer, before it is known whether it is a checkpoint. */
    public JournalEntry(
            int format,
            long number,
            String previous,
            Instant at,
            String writer,
            TableName table,
            UUID tableId,
            long watermarkMicros,
            long lastNumber,
            Optional<Long> truncatedMicros,
            List<SchemaVersion> schemas,
            List<Definition> definitions,
            List<Segment> segments,
            List<Consumed> consumed,
            List<Whole> whole,
            List<Gap> gaps,
            List<Event> events,
            Optional<Long> spreadMicros,
            Optional<Owners> owners,
            Optional<String> ended) {
        this(
                format,
                number,
                previous,
                at,
                writer,
                table,
                tableId,
                watermarkMicros,
                lastNumber,
                truncatedMicros,
                schemas,
                definitions,
                segments,
                consumed,
                whole,
                gaps,
                events,
                spreadMicros,
                owners,
                ended,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** An entry up to which there was no TRUNCATE, and which knows neither a spread nor owners. */
    public JournalEntry(
            int format,
            long number,
            String previous,
            Instant at,
            String writer,
            TableName table,
            UUID tableId,
            long watermarkMicros,
            long lastNumber,
            List<SchemaVersion> schemas,
            List<Definition> definitions,
            List<Segment> segments,
            List<Consumed> consumed,
            List<Whole> whole,
            List<Gap> gaps,
            List<Event> events,
            Optional<String> ended) {
        this(
                format,
                number,
                previous,
                at,
                writer,
                table,
                tableId,
                watermarkMicros,
                lastNumber,
                Optional.empty(),
                schemas,
                definitions,
                segments,
                consumed,
                whole,
                gaps,
                events,
                Optional.empty(),
                Optional.empty(),
                ended);
    }

    /**
     * Who replicates the table. An entry of a writer that could not see it repeats what the one before says.
     *
     * @param digest of all token ranges with their replicas and these nodes' datacenters
     * @param seenMicros not after the nodes were seen to agree about it
     * @param readableMicros a write is readable in a replica's log so long after it was acknowledged, at most
     */
    public record Owners(String digest, long seenMicros, long readableMicros) {}

    /**
     * @param version dense from 1
     * @param sinceMicros when some node first showed it; 0 for what was there when the journal began; {@link #NEVER} for
     *     one that only a node had which was late, or that was over before the table was protected again
     * @param entry number of the entry that defines it
     */
    public record SchemaVersion(int version, long sinceMicros, long entry) {
        /** Of a version that was the table's at no instant, but decodes what one node logged. */
        public static final long NEVER = Long.MAX_VALUE;
    }

    /**
     * What a table was like.
     *
     * @param types {@code CREATE TYPE} statements of the keyspace, dependencies first
     * @param ddl the table's {@code CREATE TABLE}, and the ALTER TABLE statements that record dropped columns
     * @param neighbours the same of the keyspace's other tables: a mutation may be of several tables, and where one update
     *     ends is only known to who can decode it
     */
    public record Definition(int version, List<String> types, String ddl, List<String> neighbours) {
        public Definition {
            types = List.copyOf(types);
            neighbours = List.copyOf(neighbours);
        }
    }

    /**
     * Some of the records of an entry: those that one schema decodes.
     *
     * @param bytes of the updates, without what stands around them
     */
    public record Segment(
            ObjectRef object,
            int schema,
            long records,
            long bytes,
            long firstNumber,
            long lastNumber,
            long firstMicros,
            long lastMicros,
            long firstToken,
            long lastToken) {}

    /**
     * How far a host's capture has been taken in. Items are counted over the whole incarnation.
     *
     * @param incarnation as text
     * @param object number of the capture object that is to be read next
     * @param items of that object that were taken in already
     * @param previous seal of the object before; zeros for number 0
     * @param seenMicros of the last SEEN that was taken in, or where the capture became whole again; 0 for none
     * @param holeMicros not there when the capture is whole: since when it is not; 0 while the table is not captured
     * @param schema version that the host had where reading goes on
     */
    public record Consumed(
            UUID hostId,
            String incarnation,
            long object,
            long items,
            String previous,
            long seenMicros,
            Optional<Long> holeMicros,
            int schema) {}

    /**
     * All that reached the host's log in this stretch, both ends included, is in the journal.
     *
     * @param sinceMicros only in a {@link JournalState}, of what came late: the first instant for which it counts
     */
    public record Whole(UUID hostId, long fromMicros, long toMicros, Optional<Long> sinceMicros) {
        public Whole(UUID hostId, long fromMicros, long toMicros) {
            this(hostId, fromMicros, toMicros, Optional.empty());
        }
    }

    /**
     * What was committed in this stretch may be missing from the host's capture, whatever {@link Whole} says.
     *
     * @param outside not that, but: data came into the host's table then that are in no log. No base from before its end
     *     leads to an instant behind its beginning. Not there for no
     */
    public record Gap(UUID hostId, long fromMicros, long toMicros, String cause, Optional<Boolean> outside) {
        public Gap(UUID hostId, long fromMicros, long toMicros, String cause) {
            this(hostId, fromMicros, toMicros, cause, Optional.empty());
        }

        /** Whether it is of data from outside. */
        public boolean isOutside() {
            return outside.orElse(false);
        }
    }

    /** What happens to the table as a whole. */
    public enum EventKind {
        /** What was written until then is gone. */
        TRUNCATE,
        /** There is no such table any more; its journal ends. */
        DROP
    }

    /**
     * @param afterNumber records up to this one came before it. A restore to {@code atMicros} or later, in this order: the
     *     records up to {@code afterNumber} and every base from before {@code atMicros} count no more
     * @param hostId that noted it then; several hosts' notes of one TRUNCATE have one {@code afterNumber}
     * @param upTo how far in that host's log a TRUNCATE took away what is written there
     */
    public record Event(EventKind kind, long atMicros, long afterNumber, UUID hostId, Optional<UpTo> upTo) {
        public Event(EventKind kind, long atMicros, long afterNumber, UUID hostId) {
            this(kind, atMicros, afterNumber, hostId, Optional.empty());
        }
    }

    /**
     * Housekeeping. The records of {@code replaced} segments are in the entry's {@link #segments}, but for those up to {@code
     * droppedNumber}.
     *
     * @param replaced keys of segments that the journal needs no more from here on
     * @param droppedNumber records up to this one are no longer held; 0 for none
     * @param droppedMicros the instants of those are not above it; not there for none
     */
    public record Upkeep(List<String> replaced, long droppedNumber, Optional<Long> droppedMicros) {
        public Upkeep {
            replaced = List.copyOf(replaced);
        }
    }

    /** The version of the schema that the table had at that instant, as a restore to it has. */
    public int schemaAt(long micros) {
        int version = schemas.get(0).version();
        for (SchemaVersion one : schemas) {
            if (one.sinceMicros() <= micros) {
                version = one.version();
            }
        }
        return version;
    }

    /** One that comes behind this one and tells of before-values alone. */
    public JournalEntry completion(String digest, Instant when, String who, Completion what) {
        return behind(digest, when, who, List.of(), Optional.empty(), Optional.of(what));
    }

    /**
     * One that comes behind this one and adds no record.
     *
     * @param digest of this entry's bytes
     * @param into segments that hold the records of those that are replaced
     */
    public JournalEntry upkeep(String digest, Instant when, String who, List<Segment> into, Upkeep what) {
        return behind(digest, when, who, into, Optional.of(what), Optional.empty());
    }

    private JournalEntry behind(
            String digest,
            Instant when,
            String who,
            List<Segment> into,
            Optional<Upkeep> what,
            Optional<Completion> completion) {
        return new JournalEntry(
                FORMAT,
                number + 1,
                digest,
                when,
                who,
                table,
                tableId,
                watermarkMicros,
                lastNumber,
                truncatedMicros,
                schemas,
                List.of(),
                into,
                consumed,
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                owners,
                ended,
                Optional.empty(),
                what,
                Optional.empty(),
                completion);
    }

    /** The same with what it has to say of checkpoints. */
    public JournalEntry with(Optional<Long> newCheckpoint, Optional<JournalState> newState) {
        return new JournalEntry(
                format,
                number,
                previous,
                at,
                writer,
                table,
                tableId,
                watermarkMicros,
                lastNumber,
                truncatedMicros,
                schemas,
                definitions,
                segments,
                consumed,
                whole,
                gaps,
                events,
                spreadMicros,
                owners,
                ended,
                newCheckpoint,
                upkeep,
                newState,
                completed);
    }

    /** A place in a host's commit log: where a frame ends. */
    public record UpTo(long segmentId, int position) {}
}
