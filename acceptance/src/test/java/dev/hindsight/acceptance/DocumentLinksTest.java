package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point to is there: files of the repository, and headings as GitHub names them. */
class DocumentLinksTest {
    private static final Path ROOT = Path.of(System.getProperty("hindsight.root"));
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s:]*)\\)");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<Path> documents;
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            documents = Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .toList();
        }
        for (Path document : documents) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                String[] parts = link.group(1).split("#", 2);
                Path file = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
                assertThat(file.normalize())
                        .as("%s, %s", document, link.group())
                        .exists();
                if (parts.length == 2) {
                    assertThat(headings(file))
                            .as("%s, %s", document, link.group())
                            .contains(parts[1]);
                }
            }
        }
    }

    private static Set<String> headings(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ *", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
