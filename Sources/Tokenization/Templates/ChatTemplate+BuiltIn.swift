extension ChatTemplate {
  /// ChatML, as Qwen and SmolLM2 use it; tool schemas are left to the system message.
  public static let chatMLSource = """
    {% for message in messages %}
    {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  /// One special token opens a message (its role), one closes it: two tokens of markup a message, for small policies
  /// whose episodes must stay short. Use with a tokenizer that has ``compactSpecialTokens``.
  public static let compactSource = """
    {% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}
    {% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
    """

  /// The special tokens of ``compactSource``; the first ends every message.
  public static let compactSpecialTokens = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]

  /// The template of ``chatMLSource``.
  public static var chatML: ChatTemplate {
    get throws(TemplateError) { try ChatTemplate(source: chatMLSource) }
  }

  /// The template of ``compactSource``.
  public static var compact: ChatTemplate {
    get throws(TemplateError) { try ChatTemplate(source: compactSource) }
  }
}
