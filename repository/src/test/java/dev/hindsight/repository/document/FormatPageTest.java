package dev.hindsight.repository.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/FORMAT.md is true: its examples are what the code writes, and it describes every field. */
class FormatPageTest {
    @Test
    void examplesAreWhatIsWrittenToday() throws Exception {
        for (Record sample : SamplesOfFormat4.today()) {
            String name = sample.getClass().getSimpleName();
            Matcher example = Pattern.compile("```json name=" + name + "\n(.*?)```", Pattern.DOTALL)
                    .matcher(page());

            assertThat(example.find()).as(name).isTrue();
            assertThat(example.group(1)).isEqualTo(new String(Documents.toBytes(sample), StandardCharsets.UTF_8));
            assertThat(Documents.fromBytes(example.group(1).getBytes(StandardCharsets.UTF_8), sample.getClass(), name))
                    .isEqualTo(sample);
        }
    }

    @Test
    void everyFieldIsDescribed() throws Exception {
        String prose =
                Pattern.compile("```.*?```", Pattern.DOTALL).matcher(page()).replaceAll("");
        Set<String> fields = new LinkedHashSet<>();
        SamplesOfFormat4.today().forEach(sample -> addFields(sample.getClass(), fields));

        assertThat(fields)
                .hasSizeGreaterThan(90)
                .allSatisfy(field -> assertThat(prose).contains("`" + field + "`"));
    }

    private static void addFields(Class<?> type, Set<String> into) {
        for (RecordShape.Field field : RecordShape.of(type).fields()) {
            into.add(field.name());
            Type inner = field.type();
            if (inner instanceof ParameterizedType parameterized) {
                inner = parameterized.getActualTypeArguments()[0];
            }
            if (inner instanceof Class<?> raw && raw.isRecord() && raw != dev.hindsight.model.ring.TokenRange.class) {
                addFields(raw, into);
            }
        }
    }

    private static String page() throws Exception {
        return Files.readString(Path.of(System.getProperty("hindsight.root"), "docs", "FORMAT.md"));
    }
}
