package org.m365connector.emulator.graph.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An OData {@code $filter}: comparisons, {@code and}, {@code or}, {@code not}, brackets, {@code startswith}, {@code
 * endswith}, {@code contains}, {@code in} and {@code any}. Texts are compared without regard to case, as Exchange and the
 * directory do; ids are compared exactly.
 */
public final class Filter {

    /** What one expression says about an entity. */
    private interface Condition {
        boolean holds(Scope scope);
    }

    private interface Operand {
        JsonNode value(Scope scope);
    }

    private record Scope(JsonNode entity, Optional<Scope> outer, String variable, JsonNode element) {

        JsonNode resolve(List<String> path) {
            for (Optional<Scope> scope = Optional.of(this);
                    scope.isPresent();
                    scope = scope.get().outer()) {
                if (scope.get().variable().equals(path.get(0))) {
                    return descend(scope.get().element(), path.subList(1, path.size()));
                }
            }
            return descend(entity, path);
        }

        private static JsonNode descend(JsonNode from, List<String> path) {
            JsonNode node = from;
            for (String name : path) {
                node = member(node, name);
            }
            return node;
        }

        private static JsonNode member(JsonNode node, String name) {
            JsonNode exact = node.path(name);
            if (!exact.isMissingNode()) {
                return exact;
            }
            for (java.util.Map.Entry<String, JsonNode> entry : node.properties()) {
                if (entry.getKey().equalsIgnoreCase(name)) {
                    return entry.getValue();
                }
            }
            return MissingNode.getInstance();
        }
    }

    private static final Pattern TOKEN =
            Pattern.compile("\\s*(?:('(?:[^']|'')*')|([(),:])|([^\\s(),:']+(?::[^\\s(),']+)*))");
    private static final Set<String> FUNCTIONS = Set.of("startswith", "endswith", "contains");

    private final Condition condition;
    private final Set<String> properties;

    private Filter(Condition condition, Set<String> properties) {
        this.condition = condition;
        this.properties = properties;
    }

    public static Filter parse(String text) {
        return new Parser(text).filter();
    }

    public boolean matches(JsonNode entity) {
        return condition.holds(new Scope(entity, Optional.empty(), "", MissingNode.getInstance()));
    }

    /** Names of the entity's properties that are asked for, in order of the expression. */
    public List<String> properties() {
        return List.copyOf(properties);
    }

    private static final class Parser {

        private final String text;
        private final List<String> tokens = new ArrayList<>();
        private final Set<String> properties = new java.util.LinkedHashSet<>();
        private final Set<String> variables = new TreeSet<>();
        private int position;

        Parser(String text) {
            this.text = text;
            Matcher token = TOKEN.matcher(text);
            int end = 0;
            while (token.find() && token.start() == end) {
                tokens.add(token.group().trim());
                end = token.end();
            }
            if (!text.substring(end).isBlank() || tokens.isEmpty()) {
                throw invalid();
            }
        }

        Filter filter() {
            Condition whole = or();
            if (position < tokens.size()) {
                throw invalid();
            }
            return new Filter(whole, properties);
        }

        private Condition or() {
            Condition left = and();
            while (accept("or")) {
                Condition first = left;
                Condition second = and();
                left = scope -> first.holds(scope) || second.holds(scope);
            }
            return left;
        }

        private Condition and() {
            Condition left = not();
            while (accept("and")) {
                Condition first = left;
                Condition second = not();
                left = scope -> first.holds(scope) && second.holds(scope);
            }
            return left;
        }

        private Condition not() {
            if (accept("not")) {
                Condition inner = not();
                return scope -> !inner.holds(scope);
            }
            if (accept("(")) {
                Condition inner = or();
                expect(")");
                return inner;
            }
            return comparison();
        }

        private Condition comparison() {
            String first = next();
            if (FUNCTIONS.contains(first.toLowerCase(Locale.ROOT)) && accept("(")) {
                return function(first.toLowerCase(Locale.ROOT));
            }
            if (first.toLowerCase(Locale.ROOT).endsWith("/any") && accept("(")) {
                return any(first.substring(0, first.length() - "/any".length()));
            }
            Operand left = operand(first);
            String operator = next().toLowerCase(Locale.ROOT);
            if (operator.equals("in")) {
                return in(left, ignoresCase(first));
            }
            String second = next();
            Operand right = operand(second);
            boolean ignoreCase = ignoresCase(first);
            return switch (operator) {
                case "eq" -> scope -> equal(left.value(scope), right.value(scope), ignoreCase);
                case "ne" -> scope -> !equal(left.value(scope), right.value(scope), ignoreCase);
                case "gt" ->
                    scope -> order(left.value(scope), right.value(scope))
                            .filter(n -> n > 0)
                            .isPresent();
                case "ge" ->
                    scope -> order(left.value(scope), right.value(scope))
                            .filter(n -> n >= 0)
                            .isPresent();
                case "lt" ->
                    scope -> order(left.value(scope), right.value(scope))
                            .filter(n -> n < 0)
                            .isPresent();
                case "le" ->
                    scope -> order(left.value(scope), right.value(scope))
                            .filter(n -> n <= 0)
                            .isPresent();
                default -> throw invalid();
            };
        }

        private Condition in(Operand left, boolean ignoreCase) {
            expect("(");
            List<Operand> choices = new ArrayList<>();
            do {
                choices.add(operand(next()));
            } while (accept(","));
            expect(")");
            return scope ->
                    choices.stream().anyMatch(choice -> equal(left.value(scope), choice.value(scope), ignoreCase));
        }

        private Condition function(String name) {
            Operand in = operand(next());
            expect(",");
            Operand what = operand(next());
            expect(")");
            return scope -> {
                String whole = in.value(scope).asText("").toLowerCase(Locale.ROOT);
                String part = what.value(scope).asText("").toLowerCase(Locale.ROOT);
                return switch (name) {
                    case "startswith" -> whole.startsWith(part);
                    case "endswith" -> whole.endsWith(part);
                    default -> whole.contains(part);
                };
            };
        }

        private Condition any(String collection) {
            Operand elements = operand(collection);
            String variable = next();
            expect(":");
            variables.add(variable);
            Condition inner = or();
            variables.remove(variable);
            expect(")");
            return scope -> {
                for (JsonNode element : elements.value(scope)) {
                    if (inner.holds(new Scope(scope.entity(), Optional.of(scope), variable, element))) {
                        return true;
                    }
                }
                return false;
            };
        }

        /** Extended properties' ids are names, not ids of things. */
        private boolean ignoresCase(String path) {
            String last = path.substring(path.lastIndexOf('/') + 1);
            boolean id =
                    last.equalsIgnoreCase("id") || last.toLowerCase(Locale.ROOT).endsWith("id");
            return !id || path.contains("/");
        }

        private Operand operand(String token) {
            if (token.startsWith("'")) {
                JsonNode literal =
                        TextNode.valueOf(token.substring(1, token.length() - 1).replace("''", "'"));
                return scope -> literal;
            }
            Optional<JsonNode> literal = literal(token);
            if (literal.isPresent()) {
                return scope -> literal.get();
            }
            if (!token.matches("[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")) {
                throw invalid();
            }
            List<String> path = List.of(token.split("/", -1));
            if (!variables.contains(path.get(0))) {
                properties.add(path.get(0));
            }
            return scope -> scope.resolve(path);
        }

        private static Optional<JsonNode> literal(String token) {
            if (token.equals("true") || token.equals("false")) {
                return Optional.of(BooleanNode.valueOf(Boolean.parseBoolean(token)));
            }
            if (token.equals("null")) {
                return Optional.of(NullNode.getInstance());
            }
            if (token.matches("-?\\d+(\\.\\d+)?")) {
                return Optional.of(DecimalNode.valueOf(new BigDecimal(token)));
            }
            boolean date = token.matches("\\d{4}-\\d{2}-\\d{2}(T.*)?");
            boolean guid = token.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
            return date || guid ? Optional.of(TextNode.valueOf(token)) : Optional.empty();
        }

        private boolean accept(String token) {
            if (position < tokens.size() && tokens.get(position).equalsIgnoreCase(token)) {
                position++;
                return true;
            }
            return false;
        }

        private void expect(String token) {
            if (!accept(token)) {
                throw invalid();
            }
        }

        private String next() {
            if (position >= tokens.size()) {
                throw invalid();
            }
            return tokens.get(position++);
        }

        private GraphError invalid() {
            return GraphError.badRequest("Invalid filter clause: Syntax error in '" + text + "'.");
        }
    }

    private static boolean equal(JsonNode left, JsonNode right, boolean ignoreCase) {
        if (left.isMissingNode() || left.isNull()) {
            return right.isNull();
        }
        if (left.isTextual() && right.isTextual()) {
            Optional<Integer> times = orderOfTimes(left.textValue(), right.textValue());
            if (times.isPresent()) {
                return times.get() == 0;
            }
            return ignoreCase
                    ? left.textValue().equalsIgnoreCase(right.textValue())
                    : left.textValue().equals(right.textValue());
        }
        return left.asText().equals(right.asText());
    }

    private static Optional<Integer> order(JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            return Optional.of(left.decimalValue().compareTo(right.decimalValue()));
        }
        if (!left.isTextual() || !right.isTextual()) {
            return Optional.empty();
        }
        return orderOfTimes(left.textValue(), right.textValue())
                .or(() -> Optional.of(left.textValue().compareToIgnoreCase(right.textValue())));
    }

    private static Optional<Integer> orderOfTimes(String left, String right) {
        Optional<Instant> first = time(left);
        Optional<Instant> second = time(right);
        return first.isPresent() && second.isPresent()
                ? Optional.of(first.get().compareTo(second.get()))
                : Optional.empty();
    }

    private static Optional<Instant> time(String text) {
        if (text.length() < 10 || !Character.isDigit(text.charAt(0))) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    text.length() == 10
                            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
