package dev.hindsight.repository.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentsTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final ObjectMapper JSON = new ObjectMapper();

    static List<Record> samples() {
        return Stream.of(SampleDocuments.all(), SamplesOfFormat2.all(), SamplesOfFormat3.all(), SamplesOfFormat4.all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Record> samplesOfFormat1() {
        return SampleDocuments.all();
    }

    static List<Record> samplesOfFormat2() {
        return SamplesOfFormat2.all();
    }

    static List<Record> samplesOfFormat3() {
        return SamplesOfFormat3.all();
    }

    static List<Record> samplesOfFormat4() {
        return SamplesOfFormat4.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void randomDocumentsComeBackEqualAndAsTheSameBytes(Record sample) {
        RandomDocuments random = new RandomDocuments(SEED);
        for (int i = 0; i < 200; i++) {
            Record document = random.next(sample.getClass());

            byte[] bytes = Documents.toBytes(document);
            Record back = Documents.fromBytes(bytes, document.getClass(), "x");

            assertThat(back).as("seed %d, number %d", SEED, i).isEqualTo(document);
            assertThat(Documents.toBytes(back)).isEqualTo(bytes);
        }
    }

    /** Written once by the first version that had format 1; must be read, and written the same, for ever. */
    @ParameterizedTest
    @MethodSource("samplesOfFormat1")
    void goldenFileOfFormat1IsReadAndWrittenTheSame(Record sample) throws Exception {
        requireGolden(sample, "/format-1/");
    }

    /** As for format 1, from the first release that writes format 2. */
    @ParameterizedTest
    @MethodSource("samplesOfFormat2")
    void goldenFileOfFormat2IsReadAndWrittenTheSame(Record sample) throws Exception {
        requireGolden(sample, "/format-2/");
    }

    /** The same for format 3. */
    @ParameterizedTest
    @MethodSource("samplesOfFormat3")
    void goldenFileOfFormat3IsReadAndWrittenTheSame(Record sample) throws Exception {
        requireGolden(sample, "/format-3/");
    }

    /** The same for format 3 of journal entries. */
    @ParameterizedTest
    @MethodSource("samplesOfFormat4")
    void goldenFileOfFormat4IsReadAndWrittenTheSame(Record sample) throws Exception {
        requireGolden(sample, "/format-4/");
    }

    private static void requireGolden(Record sample, String directory) throws Exception {
        String name = directory + sample.getClass().getSimpleName() + ".json";
        try (InputStream in = DocumentsTest.class.getResourceAsStream(name)) {
            byte[] golden = in == null ? new byte[0] : in.readAllBytes();

            assertThat(new String(Documents.toBytes(sample), StandardCharsets.UTF_8))
                    .isEqualTo(new String(golden, StandardCharsets.UTF_8));
            assertThat(Documents.fromBytes(golden, sample.getClass(), name)).isEqualTo(sample);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyMissingNullOrWrongFieldIsNamed(Record sample) throws Exception {
        for (String path : paths("", tree(sample))) {
            boolean optional = path.equals("manifest")
                    || path.matches(
                            "reason|instant|ended|truncatedMicros|checkpoint|upkeep|state|completed|state\\.completions|spreadMicros|owners|(state\\.)?events.*\\.upTo|(state\\.)?whole.*\\.sinceMicros|(state\\.)?gaps.*\\.outside")
                    || path.matches(
                            "nodes|nodes\\[.*\\.truncated(Before|After)|(snapshots|nodes)\\[.*(snapshotAt|requestedAt)|"
                                    + "(.*\\.)?(parent|claim|protection|journal|seen|onto|how|chain|layer|layers|fingerprints|damage)");
            boolean mapEntry = path.contains("replication.");
            if (!path.endsWith("]") && !optional && !mapEntry) {
                assertThatThrownBy(() -> read(sample, path, Change.REMOVE))
                        .as("without %s", path)
                        .isInstanceOf(CorruptException.class)
                        .hasMessageContaining("object x/y.json")
                        .satisfies(e -> assertThat(e.getMessage())
                                .containsAnyOf("field " + path + " is missing", "no format number"));
            }
            for (Change change : List.of(Change.NULL, Change.WRONG_TYPE)) {
                assertThatThrownBy(() -> read(sample, path, change))
                        .as("%s of %s", change, path)
                        .isInstanceOf(CorruptException.class)
                        .satisfies(e -> assertThat(e.getMessage())
                                .containsAnyOf(
                                        "field " + path + " is",
                                        "field " + path.replaceAll("replication\\.(\\w+)", "replication[$1]") + " is",
                                        "no format number"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void unknownFieldsOfTheSameFormatArePassedOver(Record sample) throws Exception {
        ObjectNode tree = tree(sample);
        addEverywhere(tree);

        assertThat(Documents.fromBytes(sealed(tree), sample.getClass(), "x")).isEqualTo(sample);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void newerFormatIsRefusedWhateverElseItHolds(Record sample) throws Exception {
        ObjectNode newer = JSON.createObjectNode();
        newer.put("format", 9);
        newer.put("anything", true);

        assertThatThrownBy(() -> Documents.fromBytes(sealed(newer), sample.getClass(), "x/y.json"))
                .isInstanceOf(FormatTooNewException.class)
                .hasMessageContaining("x/y.json")
                .hasMessageContaining("format 9")
                .hasMessageContaining("up to ");
    }

    @Test
    void impossibleValuesAreDamageNotCrashes() throws Exception {
        List<List<String>> cases = List.of(
                List.of("number", "\"1\"", "expected a whole number"),
                List.of("number", "1.0", "expected a whole number"),
                List.of("number", "99999999999999999999", "number"),
                List.of("format", "0", "no format number"),
                List.of("format", "-1", "no format number"),
                List.of("at", "\"yesterday\"", "field at is 'yesterday'"),
                List.of("at", "\"2026-11-22T13:45:00+01:00\"", "expected an instant in UTC"),
                List.of("action", "\"publish\"", "expected one of [PUBLISH"),
                List.of(
                        "manifest",
                        "{\"key\":\"\",\"sizeBytes\":1,\"digest\":\"d\",\"envelope\":\"none\"}",
                        "manifest"),
                List.of(
                        "manifest",
                        "{\"key\":\"a\",\"sizeBytes\":-1,\"digest\":\"d\",\"envelope\":\"none\"}",
                        "manifest"));
        for (List<String> one : cases) {
            ObjectNode tree = tree(SampleDocuments.catalogueEntry());
            tree.set(one.get(0), JSON.readTree(one.get(1)));

            assertThatThrownBy(() -> Documents.fromBytes(sealed(tree), CatalogueEntry.class, "c"))
                    .as("%s", one)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining(one.get(2));
        }
        for (String range : List.of("(5,5]", "(5,1]", "5,9", "(1,99999999999999999999]", "")) {
            ObjectNode tree = tree(SampleDocuments.shard());
            ((ArrayNode) tree.get("ranges")).set(1, range);

            assertThatThrownBy(() -> Documents.fromBytes(sealed(tree), ShardManifest.class, "s"))
                    .as(range)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("field ranges[1]");
        }
    }

    @Test
    void duplicateFieldIsDamage() {
        String text = "{\n  \"format\" : 1,\n  \"id\" : \"a\",\n  \"id\" : \"b\",\n"
                + "  \"createdAt\" : \"2026-11-22T13:45:00Z\",\n  \"createdBy\" : \"x\"\n}";

        assertThatThrownBy(() -> Documents.fromBytes(
                        Seal.seal(text.getBytes(StandardCharsets.UTF_8)), RepositoryInfo.class, "r"))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("Duplicate");
    }

    @Test
    void noBytesAndForeignBytesAreDamage() {
        for (String text : List.of("", "{}", "null", "[]", "\n}\n", "not json at all", "{\"format\":1}")) {
            assertThatThrownBy(
                            () -> Documents.fromBytes(text.getBytes(StandardCharsets.UTF_8), RepositoryInfo.class, "r"))
                    .as(text)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("no seal");
        }
    }

    @Test
    void tokensAreTextBecauseJsonNumbersLoseTheirLastDigits() throws Exception {
        JsonNode shard = tree(SampleDocuments.shard()).get("sstables").get(0);
        JsonNode node =
                tree(SampleDocuments.manifest()).get("ring").get("nodes").get(0);

        assertThat(shard.get("firstToken").textValue()).isEqualTo("-9223372036854775807");
        assertThat(node.get("tokens").get(0).isTextual()).isTrue();
        assertThat(tree(SampleDocuments.shard()).get("ranges").get(0).textValue())
                .isEqualTo("(-9223372036854775808,-3074457345618258603]");
    }

    private enum Change {
        REMOVE,
        NULL,
        WRONG_TYPE
    }

    private static Record read(Record sample, String path, Change change) throws Exception {
        ObjectNode tree = tree(sample);
        JsonNode parent = tree;
        String[] steps = path.replace("[", ".[").split("\\.");
        for (int i = 0; i < steps.length - 1; i++) {
            parent = child(parent, steps[i]);
        }
        String last = steps[steps.length - 1];
        JsonNode old = child(parent, last);
        JsonNode wrong = change == Change.NULL
                ? JSON.nullNode()
                : old.isContainerNode() ? JSON.getNodeFactory().textNode("text") : JSON.createObjectNode();
        if (parent instanceof ArrayNode list) {
            list.set(index(last), wrong);
        } else if (change == Change.REMOVE) {
            ((ObjectNode) parent).remove(last);
        } else {
            ((ObjectNode) parent).set(last, wrong);
        }
        return Documents.fromBytes(sealed(tree), sample.getClass(), "x/y.json");
    }

    private static JsonNode child(JsonNode parent, String step) {
        return step.startsWith("[") ? parent.get(index(step)) : parent.get(step);
    }

    private static int index(String step) {
        return Integer.parseInt(step.substring(1, step.length() - 1));
    }

    private static List<String> paths(String prefix, JsonNode node) {
        List<String> out = new ArrayList<>();
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                String path = prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey();
                out.add(path);
                out.addAll(paths(path, field.getValue()));
            }
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            out.add(prefix + "[" + i + "]");
            out.addAll(paths(prefix + "[" + i + "]", node.get(i)));
        }
        return out;
    }

    private static void addEverywhere(JsonNode node) {
        node.forEach(DocumentsTest::addEverywhere);
        if (node instanceof ObjectNode object && !object.has("class")) {
            object.putObject("laterField").putArray("list").add(1).add("two");
        }
    }

    private static ObjectNode tree(Record sample) throws Exception {
        ObjectNode tree = (ObjectNode) JSON.readTree(Documents.toBytes(sample));
        tree.remove("seal");
        return tree;
    }

    static byte[] sealed(ObjectNode tree) throws Exception {
        return Seal.seal(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree));
    }
}
