package dev.hindsight.agent.api;

import dev.hindsight.model.failure.UsageException;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What a name on the wire may look like. Every part of a path that a caller sends is checked here before it touches a
 * file system: ASCII letters, digits and a few signs, so that no separator, dot segment, NUL or look-alike passes.
 */
public final class WireNames {
    /** As in Cassandra: word characters, at most what fits into a directory name beside the id. */
    private static final Pattern SCHEMA_NAME = Pattern.compile("[A-Za-z0-9_]{1,222}");

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}");
    private static final Pattern IMPORT_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,99}");
    private static final Pattern TABLE_DIRECTORY = Pattern.compile("[A-Za-z0-9_]{1,222}-[0-9a-f]{32}");
    private static final Pattern DESCRIPTOR =
            Pattern.compile("[a-z]{2}-(?:[0-9]{1,19}|[0-9a-z]{4}_[0-9a-z]{4}_[0-9a-z]{18})-(?:big|bti)");

    /** Components that are data; index files of SAI are rebuilt by the node and never travel. */
    private static final Set<String> COMPONENTS = Set.of(
            "Data.db",
            "Index.db",
            "Partitions.db",
            "Rows.db",
            "Summary.db",
            "Filter.db",
            "Statistics.db",
            "CompressionInfo.db",
            "CRC.db",
            "Digest.crc32",
            "TOC.txt");

    private WireNames() {}

    public static String keyspace(String text) {
        return check(SCHEMA_NAME, text, "keyspace name");
    }

    public static String table(String text) {
        return check(SCHEMA_NAME, text, "table name");
    }

    public static String tag(String text) {
        return check(TAG, text, "snapshot tag");
    }

    public static String importId(String text) {
        return check(IMPORT_ID, text, "import id");
    }

    public static String tableDirectory(String text) {
        return check(TABLE_DIRECTORY, text, "table directory");
    }

    /** {@code <descriptor>-<component>}, both known. */
    public static String sstableFile(String text) {
        if (!isSSTableFile(text)) {
            throw refused(text, "name of an SSTable component");
        }
        return text;
    }

    public static boolean isSSTableFile(String text) {
        int cut = text.lastIndexOf('-');
        return cut > 0
                && COMPONENTS.contains(text.substring(cut + 1))
                && DESCRIPTOR.matcher(text.substring(0, cut)).matches();
    }

    public static boolean isTableDirectory(String text) {
        return TABLE_DIRECTORY.matcher(text).matches();
    }

    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    public static boolean isKeyspace(String text) {
        return SCHEMA_NAME.matcher(text).matches();
    }

    public static boolean isImportId(String text) {
        return IMPORT_ID.matcher(text).matches();
    }

    /** {@code oa-12-big} of {@code oa-12-big-Data.db}. */
    public static String descriptorOf(String sstableFile) {
        return sstableFile.substring(0, sstableFile.lastIndexOf('-'));
    }

    /** {@code Data.db} of {@code oa-12-big-Data.db}. */
    public static String componentOf(String sstableFile) {
        return sstableFile.substring(sstableFile.lastIndexOf('-') + 1);
    }

    public static UUID tableId(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                return id;
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException("'" + printable(text) + "' is no table id", "send a UUID with dashes", e);
        }
        throw refused(text, "table id");
    }

    /** The id in a table directory's name. */
    public static UUID idOfDirectory(String tableDirectory) {
        String hex = tableDirectory.substring(tableDirectory.length() - 32);
        return new UUID(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }

    /** The table's name in a table directory's name. */
    public static String tableOfDirectory(String tableDirectory) {
        return tableDirectory.substring(0, tableDirectory.length() - 33);
    }

    /** As Cassandra names it: {@code name-idwithoutdashes}. */
    public static String directoryOf(String table, UUID tableId) {
        return table + "-" + tableId.toString().replace("-", "");
    }

    private static String check(Pattern form, String text, String what) {
        if (!form.matcher(text).matches()) {
            throw refused(text, what);
        }
        return text;
    }

    private static UsageException refused(String text, String what) {
        return new UsageException(
                "'" + printable(text) + "' is no " + what,
                "only plain names are served; it must match what Cassandra uses");
    }

    /** Control and non-ASCII characters made visible, so that a refused name cannot write into a log or terminal. */
    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 127 ? String.valueOf(c) : "?");
        }
        return out.toString();
    }
}
