package dev.hindsight.model.schema;

import dev.hindsight.model.schema.DescribedSchema.DescribedRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** What a real Cassandra 5.0.9 printed for a keyspace full of traps: {@code DESCRIBE KEYSPACE "Adv_Ks" WITH INTERNALS}. */
final class Described {
    static final String KEYSPACE = "Adv_Ks";

    private Described() {}

    static KeyspaceSchema keyspace() {
        return DescribedSchema.assemble(
                KEYSPACE,
                Map.of("class", "org.apache.cassandra.locator.NetworkTopologyStrategy", "dc1", "1"),
                false,
                rows(),
                facts());
    }

    static List<DescribedRow> rows() {
        List<DescribedRow> out = new ArrayList<>();
        String described = text().substring(0, text().indexOf("### "));
        for (String part : described.split("(?m)^=== ", -1)) {
            if (!part.isEmpty()) {
                String[] head = part.substring(0, part.indexOf('\n')).split(" \\| ", 2);
                out.add(new DescribedRow(head[0], head[1], part.substring(part.indexOf('\n') + 1)));
            }
        }
        return out;
    }

    static List<TableFacts> facts() {
        List<TableFacts> out = new ArrayList<>();
        text().lines().filter(line -> line.startsWith("### ")).forEach(line -> {
            String[] parts = line.substring(4).split(" \\| ", 4);
            out.add(new TableFacts(
                    new TableName(KEYSPACE, parts[0]),
                    UUID.fromString(parts[1]),
                    Integer.parseInt(parts[2]),
                    parts[3].contains("counter"),
                    !parts[3].contains("compound")));
        });
        return out;
    }

    private static String text() {
        try (InputStream in = Objects.requireNonNull(Described.class.getResourceAsStream("describe-5.0.9.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
