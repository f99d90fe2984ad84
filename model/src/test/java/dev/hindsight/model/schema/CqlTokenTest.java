package dev.hindsight.model.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CqlTokenTest {
    private static final List<String> PIECES = List.of(
            "CREATE",
            " ",
            "\n",
            "ks",
            ".",
            "\"A\"\"b;\"",
            "'it''s; $$'",
            "$$ ' \" ; $$",
            "-- ; '\n",
            "// \"\n",
            "/* ' ; */",
            "1.5e-3",
            "0x0102",
            "7fc23310-e67d-11f1-9717-4b0df0280829",
            "(",
            ")",
            "<",
            ">",
            ",",
            "=",
            "é");

    @Test
    void stringsNamesAndCommentsAreOneTokenEach() {
        assertThat(CqlToken.of("a.\"B\"\"c\" 'x''y;' $$ it's $$ /* ; */ 0xff -- end"))
                .filteredOn(token -> token.kind() != CqlToken.Kind.SPACE)
                .extracting(CqlToken::text)
                .containsExactly("a", ".", "\"B\"\"c\"", "'x''y;'", "$$ it's $$", "/* ; */", "0xff", "-- end");
        assertThat(CqlToken.of("\"B\"\"c\"").get(0).name()).isEqualTo("B\"c");
        assertThat(CqlToken.of("MixedCase").get(0).name()).isEqualTo("mixedcase");
    }

    @Test
    void theTokensOfATextAreTheTextAgain() {
        String given = System.getProperty("test.seed", "");
        long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            String text = random.ints(random.nextInt(30), 0, PIECES.size())
                    .mapToObj(PIECES::get)
                    .collect(Collectors.joining(" "));

            assertThat(CqlToken.of(text).stream().map(CqlToken::text).collect(Collectors.joining()))
                    .as("seed %s", seed)
                    .isEqualTo(text);
        }
    }

    @Test
    void whatDoesNotEndIsRefused() {
        for (String text : List.of("'it''s", "\"a\"\"", "$$ body", "/* comment")) {
            assertThatThrownBy(() -> CqlToken.of("x " + text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("character 2");
        }
    }
}
